// Quality over time: of all capture points together, of one of them, or of each
// that saw a stream; and which stretch lost what.
import { useMemo, useState } from 'preact/hooks';
import type { Call, GetQualityResponse } from '../api/types';
import { clock, number } from '../format';
import { locale, t } from '../i18n';
import { Field } from '../ui/parts';
import { Chart } from './chart';
import { streamNumber } from './names';
import { choicesOf, differencesOf, linesOf, type Difference, type View } from './quality_slices';

const SPANS_SHOWN = 6;

const hints = { network: 'quality.lostBetween', far: 'quality.missedAtFar', near: 'quality.missedAtNear', either: 'quality.eitherBetween' } as const;

function Hint({ difference }: { difference: Difference }) {
  const { stream, near, far, blame, packets, spans } = difference;
  const shown = spans.slice(0, SPANS_SHOWN).map((span) => `${clock(span.from * 1000)}–${clock(span.to * 1000)} (${number(span.packets, locale())})`).join(', ');
  const text = t(hints[blame], { n: stream, packets: number(packets, locale()), near, far });
  return <li>{text} <span class="muted">{shown}{spans.length > SPANS_SHOWN && ' …'}</span></li>;
}

function Where({ differences }: { differences: Difference[] }) {
  if (differences.length === 0) return null;
  return (
    <div class="stack tight">
      <h3>{t('quality.whereLost')}</h3>
      <ul class="where-lost">{differences.map((one, i) => <Hint key={i} difference={one} />)}</ul>
    </div>
  );
}

// As the value of an option.
function viewOf(chosen: string): View {
  if (chosen.startsWith('at ')) return { of: 'place', place: chosen.slice(3) };
  return chosen.startsWith('of ') ? { of: 'stream', streamId: chosen.slice(3) } : { of: 'union' };
}

export function OverTime({ call, quality }: { call: Call; quality: GetQualityResponse }) {
  const [chosen, setChosen] = useState('');
  const choices = useMemo(() => choicesOf(quality), [quality]);
  const differences = useMemo(() => differencesOf(call, quality), [call, quality]);
  const nameOf = (id: string | undefined) => t('path.stream', { n: streamNumber(call, id) });
  const { times, mos, loss } = linesOf(call, quality, viewOf(chosen), (stream) => nameOf(stream.streamId));
  const several = choices.places.length > 1;
  if (times.length < 2 && !several) return null;
  return (
    <section class="panel pad stack tight" aria-label={t('quality.overTime')}>
      <div class="row spread">
        <h2>{t('quality.overTime')}</h2>
        {several && (
          <Field id="slices-of" label={t('quality.view')}>
            <select id="slices-of" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
              <option value="">{t('quality.viewUnion')}</option>
              {choices.places.map((place) => <option key={place} value={`at ${place}`}>{place}</option>)}
              {choices.streams.map((id) => <option key={id} value={`of ${id}`}>{t('quality.viewEach', { n: streamNumber(call, id) })}</option>)}
            </select>
          </Field>
        )}
      </div>
      {times.length > 1
        ? <>
            <p class="muted small">{t('quality.chartMos')}</p>
            <Chart label={t('quality.chartMos')} times={times} lines={mos} range={[1, 4.6]} fixed />
            <p class="muted small">{t('quality.chartLoss')}</p>
            <Chart label={t('quality.chartLoss')} times={times} lines={loss} range={[0, 2]} />
          </>
        : <p class="muted">{t('quality.tooShort')}</p>}
      <Where differences={differences} />
    </section>
  );
}
