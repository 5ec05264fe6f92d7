const paths = {
  projects: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  runs: 'M4 19V5M4 19h16M7 15c3 0 3-7 6-7s3 4 6 1',
  chat: 'M5 6h14v9H11l-4 4v-4H5z',
  arena: 'M4 7h6v10H4zM14 7h6v10h-6zM12 4v16',
  models: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 5v4M9 15v4',
  help: 'M9.2 9.2a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1.2-1.5 2.3M12 17.2v.1',
  light:
    'M12 4V2M12 22v-2M4 12H2M22 12h-2M6 6 4.6 4.6M19.4 19.4 18 18M6 18l-1.4 1.4M19.4 4.6 18 6M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  dark: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M19 12H5M11 6l-6 6 6 6',
  undo: 'M5 9h9a5 5 0 0 1 0 10H9M5 9l4-4M5 9l4 4',
  grip: 'M9 6v.1M15 6v.1M9 12v.1M15 12v.1M9 18v.1M15 18v.1',
  thumbUp:
    'M7 10v10H4V10zM7 11l4-7c1.8 0 2.6 1.3 2.3 2.9L12.8 10H18c1.4 0 2.3 1.2 2 2.5l-1.3 6c-.2.9-1 1.5-2 1.5H7',
  thumbDown:
    'M7 14V4H4v10zM7 13l4 7c1.8 0 2.6-1.3 2.3-2.9l-.5-3.1H18c1.4 0 2.3-1.2 2-2.5l-1.3-6c-.2-.9-1-1.5-2-1.5H7',
  plus: 'M12 5v14M5 12h14',
  stop: 'M7 7h10v10H7z',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
  replay: 'M5 5v5h5M5.6 10A7.5 7.5 0 1 1 4.8 14',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  send: 'M4 12l16-8-6 16-3-7z',
  guide: 'M6 4h9l3 3v13H6zM9 10h6M9 14h6',
  flag: 'M6 21V4h11l-2 4 2 4H6',
  skip: 'M5 5l9 7-9 7zM18 5v14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  menu: 'M4 7h16M4 12h16M4 17h16',
} as const

/** Name of a picture of the set. */
export type IconName = keyof typeof paths

/** A line drawing of 24 × 24 units; decorative, so the control that holds it carries the words. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
