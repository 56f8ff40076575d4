// What an invited candidate's page asks with: the secret of the invitation in place of a login.
import createClient from 'openapi-fetch'
import type { paths } from '../api/schema'
import { failures, Unreachable, type Client } from './api'
import type { Caller } from './tus.svelte'

export function clientOf(secret: string): Client {
  const reach = (request: Request) => fetch(request).catch((e: unknown) => Promise.reject(new Unreachable(String(e))))
  const client = createClient<paths>({ baseUrl: location.origin, fetch: reach, headers: { Authorization: `Bearer ${secret}` } })
  client.use(failures)
  return client
}

export function callerOf(secret: string): Caller {
  return { authorization: () => `Bearer ${secret}`, renew: async () => false }
}

/** The link for a candidate. What stands behind "#" stays in the browser: no server, proxy or log sees it. */
export function linkOf(secret: string): string {
  return `${location.origin}/#/invited/${secret}`
}
