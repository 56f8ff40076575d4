// The pages: which address opens which, who sees it in the menu. Each is fetched when it is first opened.
import type { Key } from '../locales/en'

export interface Page {
  path: string
  title: Key
  group?: 'recruiting' | 'applying' | 'operating' | 'own'
  role: string
  /** In the menu of a server in development only; elsewhere the page itself says why it is shut. */
  development?: boolean
  /** A component that takes the parts of the address as `params`, if it wants any. */
  load: () => Promise<{ default: unknown }>
}

export const pages: Page[] = [
  { path: '/', title: 'candidates', group: 'recruiting', role: 'viewer', load: () => import('../pages/Candidates.svelte') },
  { path: '/candidates/{id}', title: 'candidate', role: 'viewer', load: () => import('../pages/Candidate.svelte') },
  { path: '/compare/{a}/{b}', title: 'compare.title', role: 'viewer', load: () => import('../pages/Compare.svelte') },
  { path: '/interviews', title: 'interviews', group: 'recruiting', role: 'viewer', load: () => import('../pages/Interviews.svelte') },
  { path: '/interviews/{id}', title: 'interview', role: 'viewer', load: () => import('../pages/Interview.svelte') },
  { path: '/resumes', title: 'resumes', group: 'applying', role: 'viewer', load: () => import('../pages/Resumes.svelte') },
  { path: '/resumes/{id}', title: 'resume.analysis', role: 'viewer', load: () => import('../pages/Resume.svelte') },
  { path: '/jobs', title: 'jobs', group: 'applying', role: 'viewer', load: () => import('../pages/Jobs.svelte') },
  { path: '/jobs/{id}', title: 'job', role: 'viewer', load: () => import('../pages/Job.svelte') },
  { path: '/applications', title: 'applications', group: 'applying', role: 'viewer', load: () => import('../pages/Applications.svelte') },
  { path: '/writing', title: 'writing', group: 'applying', role: 'viewer', load: () => import('../pages/Writing.svelte') },
  { path: '/outbox', title: 'outbox', group: 'applying', role: 'viewer', load: () => import('../pages/Outbox.svelte') },
  { path: '/dashboard', title: 'dashboard', group: 'operating', role: 'viewer', load: () => import('../pages/Dashboard.svelte') },
  { path: '/users', title: 'users', group: 'operating', role: 'admin', load: () => import('../pages/Users.svelte') },
  { path: '/teams', title: 'teams', group: 'operating', role: 'admin', load: () => import('../pages/Teams.svelte') },
  { path: '/scheduler', title: 'scheduler', group: 'operating', role: 'viewer', load: () => import('../pages/Scheduler.svelte') },
  { path: '/features', title: 'features', group: 'operating', role: 'admin', load: () => import('../pages/Features.svelte') },
  { path: '/logs', title: 'logs', group: 'operating', role: 'viewer', load: () => import('../pages/Logs.svelte') },
  { path: '/audit', title: 'audit', group: 'operating', role: 'admin', load: () => import('../pages/Audit.svelte') },
  { path: '/webhooks', title: 'webhooks', group: 'operating', role: 'hr_manager', load: () => import('../pages/Webhooks.svelte') },
  { path: '/backups', title: 'backups', group: 'operating', role: 'admin', load: () => import('../pages/Backups.svelte') },
  { path: '/cleanup', title: 'cleanup', group: 'operating', role: 'admin', development: true, load: () => import('../pages/Cleanup.svelte') },
  { path: '/keys', title: 'keys', group: 'own', role: 'viewer', load: () => import('../pages/Keys.svelte') },
  { path: '/account', title: 'account', group: 'own', role: 'viewer', load: () => import('../pages/Account.svelte') }
]
