// A peer of bench/peers.py in JavaScript: Fastify with schemas, better-sqlite3, bcrypt, two workers in a cluster, on the same database file.
// What stands around the routes is usual.js, or with PEER_LEAN lean.js.
import cluster from 'node:cluster'
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import bcrypt from 'bcrypt'
import Database from 'better-sqlite3'
import Fastify from 'fastify'
import multipart from '@fastify/multipart'

const { accounts, dress, options, paged, time, timed } = await import(process.env.PEER_LEAN ? './lean.js' : './usual.js')

const text = { type: 'string', nullable: true }
const number = { type: 'integer', nullable: true }
const when = { type: time, nullable: true }
const shown = {
  type: 'object',
  properties: {
    id: number, filename: text, file_path: text, file_size: number, status: text, name: text, email: text, phone: text,
    skills: { type: 'array', nullable: true, items: { type: 'string' } }, domain_knowledge: text, uploaded_by: number,
    error_message: text, created_at: when, updated_at: when, processed_at: when
  }
}
const account = {
  type: 'object',
  properties: {
    id: number, email: text, username: text, full_name: text, role: text, is_active: { type: 'boolean' }, is_superuser: { type: 'boolean' },
    created_at: when, updated_at: when, team_id: number
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
const uploaded = {
  type: 'object',
  properties: { message: text, filename: text, status: text, id: number, duplicate: { type: 'boolean' } }
}
const tokens = { type: 'object', properties: { access_token: text, refresh_token: text, token_type: text } }
const page = { skip: { type: 'integer', minimum: 0, default: 0 }, limit: { type: 'integer', minimum: 1, maximum: 500, default: 100 } }
const one = { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } }, response: { 200: shown } }
const many = { querystring: { type: 'object', properties: page }, response: { 200: { type: 'array', items: shown } } }
const manySkilled = {
  ...many,
  querystring: { type: 'object', required: ['skill'], properties: { skill: { type: 'string', minLength: 1, maxLength: 200 }, ...page } }
}
const [ACCESS_SECONDS, REFRESH_SECONDS] = [1800, 7 * 86400]
const columns = Object.keys(shown.properties).map(name => 'c.' + name).join(', ')
const userColumns = Object.keys(account.properties)

async function serve () {
  const db = new Database(process.env.PEER_DB, { timeout: 10000 })
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  const known = accounts(db, userColumns)
  const user = db.prepare(`SELECT ${userColumns} FROM users WHERE id = ?`)
  const byName = db.prepare('SELECT id, password_hash FROM users WHERE username_folded = ? AND is_active = 1')
  const openSession = db.prepare(`INSERT INTO sessions (user_id, refresh_jti, rotated_at, created_at, last_used_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?)`)
  const addUser = db.prepare(`INSERT INTO users (team_id, email, email_folded, username, username_folded, full_name, role, password_hash,
    created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const byId = db.prepare(`SELECT ${columns} FROM candidates c WHERE c.id = ? AND c.team_id = ?`)
  const newest = db.prepare(`SELECT ${columns} FROM candidates c WHERE c.team_id = ? ORDER BY c.id DESC LIMIT ? OFFSET ?`)
  const count = db.prepare('SELECT count(*) FROM candidates WHERE team_id = ?').pluck()
  const skilled = 's.skill_id = (SELECT id FROM skills WHERE name_folded = ?) AND s.team_id = ?'
  const bySkill = db.prepare(`SELECT ${columns} FROM candidates c JOIN candidate_skills s ON s.candidate_id = c.id WHERE ${skilled}
    ORDER BY s.candidate_id DESC LIMIT ? OFFSET ?`)
  const countBySkill = db.prepare(`SELECT count(*) FROM candidate_skills s WHERE ${skilled}`).pluck()
  const byHash = db.prepare('SELECT id, status FROM candidates WHERE team_id = ? AND content_hash = ?')
  const insert = db.prepare(`INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status,
    created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'processing', ?, ?)`)
  const read = row => {
    row.skills = row.skills && JSON.parse(row.skills)
    return timed(row)
  }
  const publicRoute = { config: { public: true } }
  const app = Fastify(options)
  const { sign, verify } = await dress(app)
  const token = (type, userId, sid, jti, now, seconds) => sign({ sub: String(userId), sid, jti, type, iat: now, exp: now + seconds })

  await app.register(multipart, { limits: { fileSize: 10 << 20 } })
  app.setErrorHandler((error, request, reply) => {
    const status = error.validation ? 422 : error.statusCode ?? 500
    return reply.code(status).send({ detail: status < 500 ? error.message : 'Internal server error' })
  })
  app.decorateRequest('account', null)
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.public) return
    try {
      request.account = known(await verify(request))
    } catch {
      request.account = undefined
    }
    if (!request.account) return reply.code(401).header('www-authenticate', 'Bearer').send({ detail: 'Could not validate credentials' })
  })
  app.post('/api/v1/auth/login', { ...publicRoute, schema: { body: credentials, response: { 200: tokens } } }, async (request, reply) => {
    const found = byName.get(request.body.username.toLowerCase())
    if (!found || !await bcrypt.compare(request.body.password, found.password_hash)) {
      return reply.code(401).header('www-authenticate', 'Bearer').send({ detail: 'Incorrect username or password' })
    }
    const now = Math.floor(Date.now() / 1000)
    const jti = randomUUID()
    const at = now * 1e6
    const sid = Number(openSession.run(found.id, jti, at, at, at, (now + REFRESH_SECONDS) * 1e6).lastInsertRowid)
    const refresh = token('refresh', found.id, sid, jti, now, REFRESH_SECONDS)
    reply.header('set-cookie',
      `refresh_token=${refresh}; Path=/api/v1/auth; Max-Age=${REFRESH_SECONDS}; HttpOnly; SameSite=Strict; Secure`)
    return {
      access_token: token('access', found.id, sid, randomUUID(), now, ACCESS_SECONDS),
      refresh_token: refresh,
      token_type: 'bearer'
    }
  })
  app.get('/api/v1/auth/me', { schema: { response: { 200: account } } }, async request => timed(request.account))
  app.post('/api/v1/users/', { schema: { body: newUser, response: { 201: account } } }, async (request, reply) => {
    if (request.account.role !== 'admin') return reply.code(403).send({ detail: 'Not enough permissions' })
    const given = request.body
    const hash = await bcrypt.hash(given.password, Number(process.env.PEER_BCRYPT_COST))
    const now = Date.now() * 1000
    try {
      const made = addUser.run(request.account.team_id, given.email, given.email.toLowerCase(), given.username, given.username.toLowerCase(),
        given.full_name ?? null, given.role, hash, now, now)
      return reply.code(201).send(timed(user.get(made.lastInsertRowid)))
    } catch (error) {
      if (error.code !== 'SQLITE_CONSTRAINT_UNIQUE') throw error
      return reply.code(400).send({ detail: 'Email or username already registered' })
    }
  })
  app.get('/api/v1/candidates/', { schema: many }, async (request, reply) => {
    const team = request.account.team_id
    paged(request, reply, () => count.get(team))
    return newest.all(team, request.query.limit, request.query.skip).map(read)
  })
  app.get('/api/v1/candidates/search/by-skill', { schema: manySkilled }, async (request, reply) => {
    const wanted = [request.query.skill.toLowerCase(), request.account.team_id]
    paged(request, reply, () => countBySkill.get(wanted))
    return bySkill.all(...wanted, request.query.limit, request.query.skip).map(read)
  })
  app.get('/api/v1/candidates/:id', { schema: one }, async (request, reply) => {
    const row = byId.get(request.params.id, request.account.team_id)
    return row ? read(row) : reply.code(404).send({ detail: 'Candidate not found' })
  })
  app.post('/api/v1/candidates/upload', { schema: { response: { 202: uploaded } } }, async (request, reply) => {
    const { team_id: team, id: by } = request.account
    const part = await request.file()
    if (!part) return reply.code(422).send({ detail: 'Field required' })
    const name = randomUUID() + '.pdf'
    const path = `${process.env.PEER_FILES}/${name}`
    const digest = createHash('sha256')
    let size = 0
    part.file.on('data', chunk => { digest.update(chunk); size += chunk.length })
    await pipeline(part.file, createWriteStream(path))
    const hash = digest.digest('hex')
    const before = byHash.get(team, hash)
    const now = Date.now() * 1000
    const id = before?.id ?? Number(insert.run(team, by, part.filename, name, size, hash, now, now).lastInsertRowid)
    if (before) await unlink(path)
    return reply.code(202).header('location', `/api/v1/candidates/${id}`).send({
      message: 'Candidate resume uploaded successfully and is being processed',
      filename: part.filename,
      status: before?.status ?? 'processing',
      id,
      duplicate: before !== undefined
    })
  })
  await app.listen({ port: Number(process.env.PEER_PORT), host: '127.0.0.1' })
}

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork()
  process.on('SIGTERM', () => process.exit(0))
} else {
  await serve()
}
