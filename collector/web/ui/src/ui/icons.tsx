// Line icons on a grid of 24. They say nothing by themselves: whoever uses one
// gives it a text beside it or a label around it.
const paths = {
  calls: 'M5 4h4l2 5-2.5 1.500a12 12 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2z',
  live: 'M3 12h4l3-8 4 16 3-8h4',
  completeness: 'M12 3a9 9 0 1 0 9 9M12 7a5 5 0 1 0 5 5M8.500 11.500l3.500 3.500L21 5',
  quality: 'M4 20h16M6 16v-4M10.500 16V7M15 16v-6M19 16V4',
  sensors: 'M12 12v9M8.500 8.500a5 5 0 0 1 7 0M5.500 5.500a9.200 9.200 0 0 1 13 0M12 12h.01M9 21h6',
  audit: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h5',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.500 16.500 21 21',
  play: 'M8 5.500v13l11-6.500z',
  pause: 'M8 5v14M16 5v14',
  stop: 'M6 6l12 12M18 6 6 18',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  link: 'M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1',
  check: 'M5 12.500l4.500 4.500L19 7',
  ear: 'M5 13v-1a7 7 0 0 1 14 0v1M5 13h3v6H6a1 1 0 0 1-1-1zM19 13h-3v6h2a1 1 0 0 0 1-1z',
  warn: 'M12 4 2.500 20h19zM12 10v4.500M12 17.500h.01',
  star: 'M12 4l2.400 5 5.600.700-4.100 3.800 1.100 5.500-5-2.800-5 2.800 1.100-5.500L4 9.700 9.600 9z',
  back: 'M15 5l-7 7 7 7',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  out: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  doctor: 'M4 12h4l2-4 4 8 2-4h4',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={paths[name]} /></svg>;
}
