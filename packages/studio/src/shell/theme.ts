import { useState } from 'react'

export type Theme = 'system' | 'light' | 'dark'

/** The chosen theme and a way to choose; `system` follows the device. It is kept as plain text for the script in the page's head. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(
    () => (localStorage.getItem('attune.theme') as Theme | null) ?? 'system',
  )
  return [
    theme,
    (next) => {
      setTheme(next)
      localStorage.setItem('attune.theme', next)
      if (next === 'system') delete document.documentElement.dataset.theme
      else document.documentElement.dataset.theme = next
    },
  ]
}
