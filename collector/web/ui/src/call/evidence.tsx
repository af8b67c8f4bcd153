// Why these legs and streams are one call.
import type { Call, Evidence as Reason } from '../api/types';
import { number } from '../format';
import { locale, t, tn } from '../i18n';
import { StateChip, Time } from '../ui/parts';
import { legNumber, placesOf, type Place } from './names';
import { protocolName } from './sip';

function where(place: Place | undefined, other: Place | undefined): string {
  if (!place) return '?';
  // Two capture points of one sensor need their own names.
  return other && other.sensor === place.sensor && place.point !== other.point ? `${place.what} · ${place.point}` : place.what;
}

function ReasonView({ reason, places }: { reason: Reason; places: Map<string, Place> }) {
  const [first, second] = [places.get(reason.first ?? ''), places.get(reason.second ?? '')];
  const score = reason.score ?? 0;
  return (
    <li class="reason">
      <div class="row">
        <strong>{t(`kind.${reason.kind ?? 'EVIDENCE_KIND_UNSPECIFIED'}`)}</strong>
        <span class={`chip ${score >= 1 ? 'good' : ''}`}>{score >= 1 ? t('evidence.proof') : t('evidence.score', { score: number(score, locale(), 2) })}</span>
      </div>
      <p class="between"><span class="chip">{where(first, second)}</span> <span aria-hidden="true">↔</span> <span class="chip">{where(second, first)}</span></p>
      {reason.detail && <p class="muted break">{reason.detail}</p>}
    </li>
  );
}

function Legs({ call }: { call: Call }) {
  return (
    <ol class="stack tight">
      {(call.legs ?? []).map((leg, i) => (
        <li key={leg.id} class="leg">
          <div class="row">
            <strong>{t('evidence.legTitle', { n: i + 1 })}</strong>
            {protocolName(leg.protocol) && <span class="chip">{protocolName(leg.protocol)}</span>}
            <span class="mono break">{leg.source} → {leg.destination}</span>
            <StateChip state={leg.state} />
            {leg.continues && legNumber(call, leg.continues) > 0 && <span class="chip">{t('evidence.continues', { n: legNumber(call, leg.continues) })}</span>}
          </div>
          <p class="muted small break">{t('evidence.legText', { from: leg.callerUri ?? '?', to: leg.calleeUri ?? '?' })} · Call-ID <span class="mono">{leg.callId}</span>{leg.releaseCause ? ` · ${t('evidence.cause', { n: leg.releaseCause })}` : ''}</p>
          <ul class="chips">
            {(leg.observations ?? []).map((seen) => (
              <li key={seen.id} class="chip">{seen.sensor} · {seen.capturePoint}: {tn('evidence.messages', seen.messages ?? 0)}, <Time value={seen.firstTime} /></li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

export function Evidence({ call }: { call: Call }) {
  const reasons = call.evidence ?? [];
  const places = placesOf(call);
  return (
    <div class="stack">
      <section class="panel pad stack tight">
        {reasons.length === 0 ? <p class="muted">{t('evidence.none')}</p> : <p class="muted">{t('evidence.intro')}</p>}
        <ul class="reasons">{reasons.map((reason, i) => <ReasonView key={i} reason={reason} places={places} />)}</ul>
      </section>
      {(call.legs ?? []).length > 0 && <section class="panel pad stack tight"><h2>{t('evidence.legs')}</h2><Legs call={call} /></section>}
    </div>
  );
}
