// The typed client of the API. The access token lives in memory only; the refresh token is the HttpOnly cookie, which
// no script sees. A 401 is answered with one refresh, shared by all requests that wait for it; if the session is over, the
// requests wait until the same person has logged in again, and are repeated.
import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from '../api/schema'

export type Schemas = components['schemas']

/** The server cannot be reached; nothing is known of what became of the request. */
export class Unreachable extends Error {}

let token: string | null = null
let refreshing: Promise<boolean> | null = null
let onSignedOut: () => Promise<boolean> = () => Promise.resolve(false)
let onUnreachable: () => void = () => {}

export function setToken(value: string | null): void {
  token = value
}

export function getToken(): string | null {
  return token
}

/** Calls back when the session has ended and only a new login helps. It tells, when that is over, whether the same person is back. */
export function whenSignedOut(callback: () => Promise<boolean>): void {
  onSignedOut = callback
}

/** Calls back whenever a request did not reach the server. */
export function whenUnreachable(callback: () => void): void {
  onUnreachable = callback
}

/** fetch, whose failure is an Unreachable and is told. */
async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (e) {
    if (!(e instanceof TypeError)) throw e
    onUnreachable()
    throw new Unreachable('The server cannot be reached')
  }
}

/** Whose token it is. */
function subjectOf(jwt: string): unknown {
  const claims = jwt.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
  return (JSON.parse(atob(claims)) as { sub: unknown }).sub
}

async function askForToken(): Promise<boolean> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}', credentials: 'same-origin' } as const
  const reply = await reach(new Request(`${location.origin}/api/v1/auth/refresh`, init))
  if (reply.status === 401 || reply.status === 422) return false
  if (!reply.ok) throw await failureOf(reply)
  const fresh = ((await reply.json()) as Schemas['Token']).access_token
  if (token && subjectOf(fresh) !== subjectOf(token)) {
    // Somebody else logged in, in another tab, which shares the cookie: nothing here is theirs.
    location.reload()
    return new Promise(() => {})
  }
  token = fresh
  return true
}

/** Buys a new access token with the cookie. False: there is no session. Throws when the server cannot be reached, or has no time. */
export function refresh(): Promise<boolean> {
  refreshing ??= askForToken().finally(() => (refreshing = null))
  return refreshing
}

/** After a 401 to a request that went with that token: whether it is worth repeating. */
export async function renewed(refused: string | null): Promise<boolean> {
  if (token !== null && token !== refused) return true
  return (await refresh()) || onSignedOut()
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}

/** Whether the server asked to come again later, and a reader may: waits that long, a few times at most. */
async function waited(request: Request, reply: Response, times: number): Promise<boolean> {
  if (request.method !== 'GET' || (reply.status !== 429 && reply.status !== 503) || times >= 3) return false
  await pause(Math.min(Number(reply.headers.get('Retry-After')) || 1, 60))
  return true
}

/** fetch with the token; when that is refused, once more with a new one. */
export async function send(request: Request): Promise<Response> {
  let again = false
  for (let times = 0; ; times++) {
    const used = token
    const reply = await reach(withToken(request.clone(), used))
    if (await waited(request, reply, times)) continue
    if (reply.status !== 401 || again || /\/auth\/(login|logout|register)$/.test(request.url)) return reply
    if (!(await renewed(used))) return reply
    again = true
  }
}

function withToken(request: Request, value: string | null): Request {
  if (value) request.headers.set('Authorization', `Bearer ${value}`)
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
