// The typed client of the API. The access token lives in memory only; the refresh token is the HttpOnly cookie, which
// no script sees. A 401 is answered with one refresh, shared by all requests that wait for it.
import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from '../api/schema'

export type Schemas = components['schemas']

let token: string | null = null
let refreshing: Promise<boolean> | null = null
let onSignedOut: () => void = () => {}

export function setToken(value: string | null): void {
  token = value
}

export function getToken(): string | null {
  return token
}

/** Calls back when the session has ended and only a new login helps. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback
}

/** Buys a new access token with the cookie. False: there is no session. Throws when the server cannot be reached. */
export function refresh(): Promise<boolean> {
  refreshing ??= (async () => {
    try {
      const reply = await fetch('/api/v1/auth/refresh', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{}',
        credentials: 'same-origin'
      })
      if (!reply.ok) {
        if (reply.status === 401 || reply.status === 422) token = null
        return false
      }
      token = ((await reply.json()) as Schemas['Token']).access_token
      return true
    } finally {
      refreshing = null
    }
  })()
  return refreshing
}

/** fetch with the token; refreshes it once if it has expired. */
export async function send(input: Request): Promise<Response> {
  const again = input.clone()
  const reply = await fetch(withToken(input))
  if (reply.status !== 401 || input.url.includes('/auth/login')) return reply
  if (!(await refresh())) {
    onSignedOut()
    return reply
  }
  return fetch(withToken(again))
}

function withToken(request: Request): Request {
  if (token) request.headers.set('Authorization', `Bearer ${token}`)
  return request
}

export const failures: Middleware = {
  async onResponse({ response }) {
    if (!response.ok && response.status !== 304) throw await failureOf(response)
    return undefined
  }
}

/** What the server refused, as a sentence and, for a form, by field. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly retryAfter = 0
  ) {
    super(message)
  }
}

export async function failureOf(response: Response): Promise<Failure> {
  const retry = Number(response.headers.get('Retry-After')) || 0
  const body: unknown = await response.json().catch(() => null)
  const { detail = undefined, error = undefined } = (body ?? {}) as { detail?: unknown; error?: unknown }
  if (typeof error === 'string') return new Failure(response.status, error, {}, retry)
  if (typeof detail === 'string') return new Failure(response.status, detail, {}, retry)
  if (!Array.isArray(detail)) return new Failure(response.status, response.statusText, {}, retry)
  const fields: Record<string, string> = {}
  for (const fault of detail as { loc: (string | number)[]; msg: string }[])
    fields[fault.loc.slice(1).join('.')] ??= fault.msg
  const first = Object.entries(fields)[0]
  return new Failure(response.status, first ? `${first[0]}: ${first[1]}` : response.statusText, fields, retry)
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send })
export type Client = typeof api
api.use(failures)

/** X-Total-Count of a list; capped counts are shown with a plus. */
export function totalOf(response: Response): { total: number; capped: boolean } {
  return {
    total: Number(response.headers.get('X-Total-Count')) || 0,
    capped: response.headers.get('X-Total-Count-Capped') === 'true'
  }
}

/** A protected file. */
export async function fileOf(path: string): Promise<Blob> {
  const reply = await send(new Request(location.origin + path))
  if (!reply.ok) throw await failureOf(reply)
  return reply.blob()
}

/** Lets the browser save a protected file under that name. */
export async function download(path: string, name: string): Promise<void> {
  saveBlob(await fileOf(path), name)
}

/** Lets the browser save what is in memory as a file. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
