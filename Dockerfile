# One image for the API, the worker and the migrations; the command says which:
#   node src/server.ts (default) · node src/worker.ts · node scripts/migrate.ts up
# Node runs the TypeScript sources as they are, so nothing is compiled.

FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# `npm install`, not `npm ci`: docs/decisions/npm-install.md. It installs what the lock file says.
RUN npm install --omit=dev --ignore-scripts && npm cache clean --force

FROM node:26-slim
LABEL org.opencontainers.image.title="LemonNPie" \
      org.opencontainers.image.description="The backend of a review platform for Nollywood." \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY db ./db
COPY scripts ./scripts
COPY src ./src
# The sources belong to root and the process to nobody in particular: it cannot change what it runs.
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/server.ts"]
