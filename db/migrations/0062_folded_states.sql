-- States are compared by the one fold, as search compares them: "ilé-ifẹ̀" is "Ile Ife" in lists, too.

-- migrate:up
create index movies_folded_state_idx on movies (fold(production_state));
drop index movies_production_state_idx;

-- migrate:down
create index movies_production_state_idx on movies (lower(production_state));
drop index movies_folded_state_idx;
