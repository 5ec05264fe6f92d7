import { expect, expectTypeOf, test } from 'vitest'
import { type Api, endpoints } from './api.ts'

test('every endpoint has its own method and path, and says who may call it', () => {
  const all = Object.values(endpoints)
  expect(all.length).toBeGreaterThan(40)
  expect(new Set(all.map(({ method, path }) => `${method} ${path}`)).size).toBe(all.length)
  for (const { path, access } of all) {
    expect(path).toMatch(/^\/(api|v1)\/[a-z/{}-]+$/)
    expect('anyone' in access || 'role' in access || 'scope' in access).toBe(true)
  }
})

test('a client knows what it sends and receives', () => {
  expectTypeOf<Api['POST /api/projects/{id}/claim']['params']>().toEqualTypeOf<{ id: string }>()
  expectTypeOf<Api['GET /api/session']['response']['local']>().toEqualTypeOf<boolean>()
  expectTypeOf<Api['GET /api/runs/{name}/events']['response']>().toEqualTypeOf<ReadableStream>()
})
