// Light, dark, or as the system has it; the choice is kept on this machine.
export type Theme = 'system' | 'light' | 'dark'

let current = $state<Theme>('system')

export function wear(theme: Theme = (localStorage.getItem('theme') as Theme | null) ?? 'system'): void {
  current = theme
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function choose(theme: Theme): void {
  localStorage.setItem('theme', theme)
  wear(theme)
}

export function theme(): Theme {
  return current
}
