// The peer of bench/http in JavaScript: Fastify with reply schemas, better-sqlite3, fast-jwt with its cache, two workers in a cluster, on the
// same database file.
import cluster from 'node:cluster'
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import Database from 'better-sqlite3'
import { createVerifier } from 'fast-jwt'
import Fastify from 'fastify'
import multipart from '@fastify/multipart'

const text = { type: 'string', nullable: true }
const number = { type: 'integer', nullable: true }
const shown = {
  type: 'object',
  properties: {
    id: number, filename: text, file_path: text, file_size: number, status: text, name: text, email: text, phone: text,
    skills: { type: 'array', nullable: true, items: { type: 'string' } }, domain_knowledge: text, uploaded_by: number,
    error_message: text, created_at: number, updated_at: number, processed_at: number
  }
}
const columns = Object.keys(shown.properties).map(name => 'c.' + name).join(', ')

async function serve () {
  const db = new Database(process.env.PEER_DB, { timeout: 10000 })
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  const verify = createVerifier({ key: process.env.PEER_SECRET, algorithms: ['HS256'], cache: true })
  const user = db.prepare('SELECT id, team_id FROM users WHERE id = ? AND is_active = 1')
  const byId = db.prepare(`SELECT ${columns} FROM candidates c WHERE c.id = ? AND c.team_id = ?`)
  const newest = db.prepare(`SELECT ${columns} FROM candidates c WHERE c.team_id = ? ORDER BY c.id DESC LIMIT ?`)
  const bySkill = db.prepare(`SELECT ${columns} FROM candidates c JOIN candidate_skills s ON s.candidate_id = c.id WHERE s.skill_id =
    (SELECT id FROM skills WHERE name_folded = ?) AND s.team_id = ? ORDER BY c.id DESC LIMIT 100`)
  const insert = db.prepare(`INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status,
    created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'processing', ?, ?)`)
  const read = row => ({ ...row, skills: row.skills && JSON.parse(row.skills) })
  const one = { schema: { response: { 200: shown } } }
  const many = { schema: { response: { 200: { type: 'array', items: shown } } } }
  const app = Fastify()

  await app.register(multipart, { limits: { fileSize: 10 << 20 } })
  app.addHook('onRequest', async (request, reply) => {
    try {
      request.user = user.get(Number(verify((request.headers.authorization ?? '').slice(7)).sub))
    } catch {
      request.user = undefined
    }
    if (!request.user) return reply.code(401).send({ detail: 'Could not validate credentials' })
  })
  app.get('/api/v1/candidates/', many, async request => newest.all(request.user.team_id, Number(request.query.limit ?? 100)).map(read))
  app.get('/api/v1/candidates/search/by-skill', many, async request =>
    bySkill.all(request.query.skill.toLowerCase(), request.user.team_id).map(read))
  app.get('/api/v1/candidates/:id', one, async (request, reply) => {
    const row = byId.get(Number(request.params.id), request.user.team_id)
    return row ? read(row) : reply.code(404).send({ detail: 'Candidate not found' })
  })
  app.post('/api/v1/candidates/upload', async (request, reply) => {
    const part = await request.file()
    const name = randomUUID() + '.pdf'
    const hash = createHash('sha256')
    let size = 0
    part.file.on('data', chunk => { hash.update(chunk); size += chunk.length })
    await pipeline(part.file, createWriteStream(`${process.env.PEER_FILES}/${name}`))
    const now = Date.now() * 1000
    insert.run(request.user.team_id, request.user.id, part.filename, name, size, hash.digest('hex'), now, now)
    return reply.code(202).send({ status: 'processing' })
  })
  await app.listen({ port: Number(process.env.PEER_PORT), host: '127.0.0.1' })
}

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork()
  process.on('SIGTERM', () => process.exit(0))
} else {
  await serve()
}
