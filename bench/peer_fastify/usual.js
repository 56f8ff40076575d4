// What stands around the routes as a team has it from Fastify's own plugins, each with its documented defaults but for the values that the
// API asks for: tokens, headers, ETags, CORS, a request's number, metrics (the histogram, not the summary beside it; each worker's own).
import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import metrics from 'fastify-metrics'

const SANE_NUMBER = /^[\w.-]{1,128}$/
const NONE = ["'none'"]

export const time = 'string'
export const options = {
  genReqId: ({ headers: { 'x-request-id': given } }) => given !== undefined && SANE_NUMBER.test(given) ? given : randomUUID()
}

export async function dress (app) {
  await app.register(metrics, {
    endpoint: { url: '/metrics', config: { public: true } },
    routeMetrics: { enabled: { histogram: true, summary: false } }
  })
  await app.register(cors, { origin: ['https://console.example.com'], credentials: true })
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: NONE, frameAncestors: NONE } },
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    strictTransportSecurity: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false
  })
  await app.register(etag)
  await app.register(jwt, { secret: process.env.PEER_SECRET })
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('cache-control', request.method === 'GET' && reply.statusCode < 400 ? 'private, no-cache' : 'no-store')
    done()
  })
  return { sign: claims => app.jwt.sign(claims), verify: request => request.jwtVerify() }
}

// Finds the account behind an access token, if its session has not ended.
export function accounts (db, columns) {
  const found = db.prepare(`SELECT ${columns.map(name => 'u.' + name)} FROM users u JOIN sessions s ON s.user_id = u.id
    WHERE u.id = ? AND u.is_active = 1 AND s.id = ? AND s.revoked_at IS NULL AND s.expires_at > ?`)
  return ({ sub, sid, type }) => type === 'access' ? found.get(Number(sub), sid, Date.now() * 1000) : undefined
}

// ISO 8601 from microseconds.
const iso = us => us && new Date(us / 1000).toISOString().slice(0, 20) + String(us % 1e6).padStart(6, '0') + 'Z'

export function timed (row) {
  row.created_at = iso(row.created_at)
  row.updated_at = iso(row.updated_at)
  if (row.processed_at) row.processed_at = iso(row.processed_at)
  return row
}

// How many there are in all, and where the pages before and behind this one are.
export function paged (request, reply, count) {
  const total = count()
  const { skip, limit, ...others } = request.query
  const link = (at, rel) => `<${request.url.split('?', 1)[0]}?${new URLSearchParams({ ...others, skip: at, limit })}>; rel="${rel}"`
  const links = []
  if (skip + limit < total) links.push(link(skip + limit, 'next'))
  if (skip > 0) links.push(link(Math.max(0, skip - limit), 'prev'))
  reply.header('x-total-count', total)
  if (links.length > 0) reply.header('link', links.join(', '))
}
