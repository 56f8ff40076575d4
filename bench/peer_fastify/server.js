// A peer of bench/peers.py in JavaScript: Fastify with schemas, better-sqlite3, fast-jwt with its cache, bcrypt, two workers in a cluster, on
// the same database file.
import cluster from 'node:cluster'
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import bcrypt from 'bcrypt'
import Database from 'better-sqlite3'
import { createSigner, createVerifier } from 'fast-jwt'
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
const account = {
  type: 'object',
  properties: {
    id: number, email: text, username: text, full_name: text, role: text, is_active: { type: 'boolean' }, is_superuser: { type: 'boolean' },
    created_at: number, updated_at: number, team_id: number
  }
}
const credentials = {
  type: 'object',
  required: ['username', 'password'],
  properties: { username: { type: 'string', minLength: 1, maxLength: 254 }, password: { type: 'string', minLength: 1, maxLength: 1000 } }
}
const newUser = {
  type: 'object',
  required: ['email', 'username', 'password'],
  properties: {
    email: { type: 'string', format: 'email', maxLength: 254 },
    username: { type: 'string', minLength: 3, maxLength: 50 },
    password: { type: 'string', minLength: 8, maxLength: 72 },
    full_name: text,
    role: { enum: ['viewer', 'recruiter', 'hr_manager', 'admin'], default: 'viewer' }
  }
}
const tokens = { type: 'object', properties: { access_token: text, refresh_token: text, token_type: text } }
const [ACCESS_SECONDS, REFRESH_SECONDS] = [1800, 7 * 86400]
const columns = Object.keys(shown.properties).map(name => 'c.' + name).join(', ')

async function serve () {
  const db = new Database(process.env.PEER_DB, { timeout: 10000 })
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  const verify = createVerifier({ key: process.env.PEER_SECRET, algorithms: ['HS256'], cache: true })
  const sign = createSigner({ key: process.env.PEER_SECRET, algorithm: 'HS256' })
  const user = db.prepare(`SELECT ${Object.keys(account.properties).join(', ')} FROM users WHERE id = ? AND is_active = 1`)
  const byName = db.prepare('SELECT id, password_hash FROM users WHERE username_folded = ? AND is_active = 1')
  const openSession = db.prepare(`INSERT INTO sessions (user_id, refresh_jti, rotated_at, created_at, last_used_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?)`)
  const addUser = db.prepare(`INSERT INTO users (team_id, email, email_folded, username, username_folded, full_name, role, password_hash,
    created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const byId = db.prepare(`SELECT ${columns} FROM candidates c WHERE c.id = ? AND c.team_id = ?`)
  const newest = db.prepare(`SELECT ${columns} FROM candidates c WHERE c.team_id = ? ORDER BY c.id DESC LIMIT ?`)
  const bySkill = db.prepare(`SELECT ${columns} FROM candidates c JOIN candidate_skills s ON s.candidate_id = c.id WHERE s.skill_id =
    (SELECT id FROM skills WHERE name_folded = ?) AND s.team_id = ? ORDER BY c.id DESC LIMIT 100`)
  const insert = db.prepare(`INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status,
    created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'processing', ?, ?)`)
  const read = row => ({ ...row, skills: row.skills && JSON.parse(row.skills) })
  const one = { schema: { response: { 200: shown } } }
  const many = { schema: { response: { 200: { type: 'array', items: shown } } } }
  const publicRoute = { config: { public: true } }
  const token = (type, userId, sid, jti, now, seconds) => sign({ sub: String(userId), sid, jti, type, iat: now, exp: now + seconds })
  const app = Fastify()

  await app.register(multipart, { limits: { fileSize: 10 << 20 } })
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.public) return
    try {
      request.user = user.get(Number(verify((request.headers.authorization ?? '').slice(7)).sub))
    } catch {
      request.user = undefined
    }
    if (!request.user) return reply.code(401).send({ detail: 'Could not validate credentials' })
  })
  app.post('/api/v1/auth/login', { ...publicRoute, schema: { body: credentials, response: { 200: tokens } } }, async (request, reply) => {
    const found = byName.get(request.body.username.toLowerCase())
    if (!found || !await bcrypt.compare(request.body.password, found.password_hash)) {
      return reply.code(401).send({ detail: 'Incorrect username or password' })
    }
    const now = Math.floor(Date.now() / 1000)
    const jti = randomUUID()
    const at = now * 1e6
    const sid = Number(openSession.run(found.id, jti, at, at, at, (now + REFRESH_SECONDS) * 1e6).lastInsertRowid)
    return {
      access_token: token('access', found.id, sid, randomUUID(), now, ACCESS_SECONDS),
      refresh_token: token('refresh', found.id, sid, jti, now, REFRESH_SECONDS),
      token_type: 'bearer'
    }
  })
  app.get('/api/v1/auth/me', { schema: { response: { 200: account } } }, async request => request.user)
  app.post('/api/v1/users/', { schema: { body: newUser, response: { 201: account } } }, async (request, reply) => {
    if (request.user.role !== 'admin') return reply.code(403).send({ detail: 'Not enough permissions' })
    const given = request.body
    const hash = await bcrypt.hash(given.password, Number(process.env.PEER_BCRYPT_COST))
    const now = Date.now() * 1000
    try {
      const made = addUser.run(request.user.team_id, given.email, given.email.toLowerCase(), given.username, given.username.toLowerCase(),
        given.full_name ?? null, given.role, hash, now, now)
      return reply.code(201).send(user.get(made.lastInsertRowid))
    } catch (error) {
      if (error.code !== 'SQLITE_CONSTRAINT_UNIQUE') throw error
      return reply.code(400).send({ detail: 'Email or username already registered' })
    }
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
