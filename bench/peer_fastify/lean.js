// As little as can stand around the routes: a token that was seen is believed from a cache, its session is not looked at, times are
// integers, no headers, no ETag, no metrics, no count of a list's rows.
import { createSigner, createVerifier } from 'fast-jwt'

export const time = 'integer'
export const options = {}

export async function dress () {
  const verify = createVerifier({ key: process.env.PEER_SECRET, algorithms: ['HS256'], cache: true })
  const sign = createSigner({ key: process.env.PEER_SECRET, algorithm: 'HS256' })
  return { sign, verify: request => verify((request.headers.authorization ?? '').slice('Bearer '.length)) }
}

export function accounts (db, columns) {
  const found = db.prepare(`SELECT ${columns} FROM users WHERE id = ? AND is_active = 1`)
  return ({ sub }) => found.get(Number(sub))
}

export const timed = row => row

export function paged () {}
