// wavesurfer.js, loaded when the first waveform is drawn.
import WaveSurfer from 'wavesurfer.js';

export const LANE = 52;

// In place of the style sheet that vite.config.ts takes out of wavesurfer.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { user-select: none; min-width: 1px; }
  :host .scroll { overflow: hidden; width: 100%; position: relative; }
  :host .wrapper { position: relative; overflow: visible; z-index: 2; }
  :host .canvases { min-height: ${LANE}px; pointer-events: none; }
  :host .canvases > div, :host .progress > div { position: relative; }
  :host canvas { display: block; position: absolute; top: 0; image-rendering: pixelated; }
  :host .progress { pointer-events: none; position: absolute; z-index: 2; top: 0; left: 0; width: 0; height: 100%; overflow: hidden; }
  :host .cursor { pointer-events: none; position: absolute; z-index: 5; top: 0; left: 0; height: 100%; }
`);

export interface Colours {
  // One a channel: of what is yet to come, and of what was heard.
  lanes: { wave: string; heard: string }[];
}

export function draw(container: HTMLElement, media: HTMLMediaElement, peaks: Float32Array[], duration: number, colours: Colours): () => void {
  const wave = WaveSurfer.create({
    container, media, peaks, duration, height: LANE, cursorWidth: 0, barWidth: 2, barGap: 1, barRadius: 1, interact: false, hideScrollbar: true,
    splitChannels: peaks.map((_, i) => {
      const lane = colours.lanes[i % colours.lanes.length]!;
      return { waveColor: lane.wave, progressColor: lane.heard };
    }),
  });
  const root = wave.getWrapper().getRootNode();
  if (root instanceof ShadowRoot) root.adoptedStyleSheets = [sheet];
  return () => wave.destroy();
}
