/** So many sides of an `or` are looked for by themselves: each costs as much as a query. */
export const mostAlternatives = 8
