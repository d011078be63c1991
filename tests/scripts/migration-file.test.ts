import { describe, expect, test } from 'vitest'
import { parseMigration, statementsOf } from '../../scripts/migration-file.ts'

describe('a migration file', () => {
  test('has an up and a down part, and knows the line each begins on', () => {
    const text =
      '-- About this.\n\n-- migrate:up\ncreate table a ();\n\n-- migrate:down transaction:off\ndrop table a;\n'
    expect(parseMigration('0001_a.sql', text)).toEqual({
      name: '0001_a',
      up: { sql: 'create table a ();\n', transaction: true, line: 4 },
      down: { sql: 'drop table a;\n', transaction: false, line: 7 },
    })
  })

  test.each([
    ['1_a.sql', '-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;', 'is named NNNN_what_it_does.sql'],
    ['0001_a.sql', 'select 1;', 'needs one line "-- migrate:up"'],
    ['0001_a.sql', '-- migrate:down\nselect 1;\n-- migrate:up\nselect 1;', 'needs one line "-- migrate:up"'],
    [
      '0001_a.sql',
      '-- migrate:up\nselect 1;\n-- migrate:up\n-- migrate:down\nselect 1;',
      'needs one line "-- migrate:up"',
    ],
    [
      '0001_a.sql',
      '-- migrate:up\nselect 1;\n-- migrate:down\n-- nothing\n',
      '0001_a.sql:3: this part has no statement',
    ],
    [
      '0001_a.sql',
      '-- migrate:up transaction:of\nselect 1;\n-- migrate:down\nselect 1;',
      '"transaction:of" is unknown',
    ],
  ])('%s with %j is refused', (name, text, message) => {
    expect(() => parseMigration(name, text)).toThrow(message)
  })
})

describe('the statements of a text', () => {
  test.each([
    ['select 1; select 2', ['select 1', 'select 2']],
    ["select ';'; select 'it''s;'", ["select ';'", "select 'it''s;'"]],
    ["select E'\\';'; select 2", ["select E'\\';'", 'select 2']],
    ['select 1 as "a;b"; select 2', ['select 1 as "a;b"', 'select 2']],
    ['do $$ begin; end $$; select 2', ['do $$ begin; end $$', 'select 2']],
    ['do $body$ select $$;$$; $body$; select 2', ['do $body$ select $$;$$; $body$', 'select 2']],
    ['-- a; b\nselect 1; /* c; */ select 2;', ['-- a; b\nselect 1', '/* c; */ select 2']],
    ["select 1; -- it's over\n", ['select 1']],
    [' ;; -- nothing', []],
  ])('%j', (text, statements) => {
    expect(statementsOf(text)).toEqual(statements)
  })
})
