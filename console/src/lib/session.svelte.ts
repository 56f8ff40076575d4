// Who is signed in.
import { api, Failure, refresh, setToken, whenSignedOut, type Schemas } from './api'

type User = Schemas['User']
const MARK = 'signed-in'
const ranks = ['viewer', 'recruiter', 'hr_manager', 'admin']

class Session {
  user = $state<User | null>(null)
  ready = $state(false)
  ended = $state(false)
  /** Whether the server runs with DEBUG=True: what is for development only is shown. */
  development = $state(false)

  /** At the start: the cookie may still hold a session. */
  async restore(): Promise<void> {
    whenSignedOut(() => {
      this.ended = this.user !== null
      this.user = null
    })
    try {
      // Without the cookie of an earlier login there is nothing to ask for; the mark tells, for no script sees the cookie.
      if (localStorage.getItem(MARK) && (await refresh())) await this.load()
    } catch (e) {
      if (!(e instanceof Failure)) throw e
    } finally {
      this.ready = true
    }
  }

  async login(username: string, password: string): Promise<void> {
    const { data } = await api.POST('/api/v1/auth/login', { body: { username, password } })
    setToken(data!.access_token)
    localStorage.setItem(MARK, '1')
    this.ended = false
    await this.load()
  }

  async logout(): Promise<void> {
    await api.POST('/api/v1/auth/logout', { body: {} as never }).catch(() => undefined)
    setToken(null)
    localStorage.removeItem(MARK)
    this.user = null
  }

  async load(): Promise<void> {
    const [me, health] = await Promise.all([api.GET('/api/v1/users/me'), api.GET('/health')])
    this.development = health.data!.environment === 'development'
    this.user = me.data!
  }

  /** Whether the user's role is at least this one. */
  may(role: string): boolean {
    return this.user !== null && (this.user.is_superuser || ranks.indexOf(this.user.role) >= ranks.indexOf(role))
  }
}

export const session = new Session()
