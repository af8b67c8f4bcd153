// Fetches a recording once more to draw it, and keeps only its outline.
import { useEffect, useState } from 'preact/hooks';
import { audioUrl } from '../api/client';
import type { Choice } from '../deck';
import { WavOutline } from './wav';

// More than that is fetched for a drawing only when somebody asks for it.
const FREELY = 20_000_000;
const BUCKETS = 4000;
const REDRAW_MS = 700;

export interface Outline {
  peaks: Float32Array[];
  // Seconds.
  duration: number;
}

export interface OutlineState {
  outline: Outline | null;
  // Bytes of a recording that is too long to be drawn unasked; 0: none.
  tooLong: number;
  // What is not in it as it might be expected, in words of the collector.
  findings: string;
}

async function read(url: string, forced: boolean, signal: AbortSignal, tell: (news: Partial<OutlineState>) => void): Promise<void> {
  const response = await fetch(url, { signal });
  const bytes = Number(response.headers.get('Content-Length') ?? 0);
  if (!response.ok || !response.body) return;
  tell({ findings: response.headers.get('Callbraid-Findings') ?? '' });
  const reader = response.body.getReader();
  if (bytes > FREELY && !forced) {
    tell({ tooLong: bytes });
    return await reader.cancel();
  }
  const wav = new WavOutline(BUCKETS, bytes);
  let shown = performance.now();
  for (;;) {
    const { done, value } = await reader.read();
    if (value) wav.push(value);
    if (done) break;
    if (wav.begun && performance.now() - shown > REDRAW_MS) {
      shown = performance.now();
      tell({ outline: { peaks: wav.peaks, duration: wav.duration } });
    }
  }
  if (wav.begun) tell({ outline: { peaks: wav.peaks, duration: wav.duration } });
}

const NOTHING: OutlineState = { outline: null, tooLong: 0, findings: '' };

export function useOutline(id: string, choice: Choice, wanted: boolean): OutlineState & { drawAnyway: () => void } {
  const url = audioUrl(id, choice);
  const [state, setState] = useState({ url, ...NOTHING });
  const [forced, setForced] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => { if (wanted) setAsked(url); }, [wanted, url]);
  const go = asked === url;
  useEffect(() => {
    if (!go) return undefined;
    const abort = new AbortController();
    setState({ url, ...NOTHING });
    // Without a drawing the recording plays as well; what is wrong with it, the player says.
    read(url, forced === url, abort.signal, (news) => { if (!abort.signal.aborted) setState((old) => ({ ...old, ...news })); }).catch(() => {});
    return () => abort.abort();
  }, [go, url, forced]);
  const { outline, tooLong, findings } = state.url === url ? state : NOTHING;
  return { outline, tooLong, findings, drawAnyway: () => setForced(url) };
}
