// The path picture: for each direction, from phone to phone by way of what passes
// speech on, what happened where.
import { useMemo } from 'preact/hooks';
import type { Call, Stream } from '../api/types';
import { hostOf, number, percent, portOf } from '../format';
import { locale, t } from '../i18n';
import { isFax, sideClass, streamNumber } from './names';
import { chainsOf, type Chain, type ChainStage, type Node } from './path_chain';
import type { Point, Stretch } from './path_stages';

const decimal = (value: number | undefined, digits = 1) => number(value ?? 0, locale(), digits);

function lossClass(lost: number, of: number): string {
  if (lost === 0) return 'good';
  return lost / Math.max(1, of) < 0.01 ? 'warn' : 'bad';
}

function StretchView({ stage }: { stage: Stretch }) {
  const known = stage.lost !== undefined;
  const tone = known ? lossClass(stage.lost!, stage.of ?? 0) : 'unknown';
  const hop = stage.hop;
  const place = stage.place === 'before' ? t('path.before') : stage.place === 'after' ? t('path.after') : '';
  return (
    <li class={`stretch ${tone}`} title={known ? place : t('path.notKnown')}>
      <span class="wire" aria-hidden="true" />
      <span class="facts">
        {known
          ? <strong class={`tone ${tone}`}>{stage.lost === 0 ? t('path.noLoss') : t('path.lost', { percent: percent(stage.lost!, stage.of ?? 0, locale()) })}</strong>
          : <span class="muted">?<span class="hidden-label">{t('path.notKnown')}</span></span>}
        {known && stage.lost! > 0 && <span>{number(stage.lost, locale())} / {number(stage.of, locale())}</span>}
        {hop?.delayMs !== undefined && (
          <span title={t('path.delayText')}>{t('path.delay', { delay: decimal(hop.delayMs), error: decimal(hop.delayUncertaintyMs) })}</span>
        )}
        {hop?.delayVariationP95Ms !== undefined && <span>{t('path.variation', { p95: decimal(hop.delayVariationP95Ms) })}</span>}
        {hop?.duplicated ? <span>{t('path.duplicated', { n: number(hop.duplicated, locale()) })}</span> : null}
        {hop?.reordered ? <span>{t('path.reordered', { n: number(hop.reordered, locale()) })}</span> : null}
        {stage.reported && <span class="muted">{t('path.reported')}</span>}
      </span>
    </li>
  );
}

function PointView({ stage }: { stage: Point }) {
  const { seen, loss } = stage;
  const missed = (loss?.seenFurtherOn ?? 0) + (loss?.reportedArrived ?? 0);
  return (
    <li class="node point">
      <span class="muted small">{t('path.point')}</span>
      <strong>{seen.sensor}</strong>
      <span class="small break">{seen.site ? `${seen.site} · ` : ''}{seen.capturePoint}</span>
      <span class="small">{t('path.packets', { n: number(seen.packets, locale()) })}</span>
      <span class="small muted">{t('path.jitter', { mean: decimal(seen.jitterMs), max: decimal(seen.maxJitterMs) })}</span>
      {missed > 0 && <span class="chip warn" title={t('path.captureLossText', { n: missed })}>{t('path.captureLoss')}: {number(missed, locale())}</span>}
    </li>
  );
}

function NodeView({ node }: { node: Node }) {
  const ends = { sender: t('path.sender'), receiver: t('path.receiver'), between: '' }[node.at];
  const addresses = [...new Set(node.endpoints.map(hostOf))];
  const ports = node.endpoints.map(portOf).filter((port) => port);
  return (
    <li class={`node ${node.what === 'relay' ? 'relay' : `end ${node.side}`}`} title={node.what === 'relay' ? t('path.relayText') : undefined}>
      {node.what === 'phone' && <strong class="break">{node.number}</strong>}
      {node.what === 'relay' && <strong>{t('path.relay')}</strong>}
      {ends && <span class="muted small">{ends}</span>}
      {node.what === 'unknown' ? <strong class="break">{addresses.join(', ')}</strong> : <span class="break">{addresses.join(', ')}</span>}
      {ports.length > 0 && <span class="muted small">:{ports.join(' :')}</span>}
    </li>
  );
}

function StageView({ stage }: { stage: ChainStage }) {
  if (stage.kind === 'node') return <NodeView node={stage} />;
  return stage.kind === 'stretch' ? <StretchView stage={stage} /> : <PointView stage={stage} />;
}

// "101", "PBX/relay 10.10.0.10".
function nameOf(node: Node): string {
  if (node.what === 'phone') return node.number;
  const address = hostOf(node.endpoints[0]);
  return node.what === 'relay' ? `${t('path.relay')} ${address}` : address;
}

function StreamLine({ stream, name }: { stream: Stream; name: string }) {
  return (
    <li class="row">
      <strong>{name}</strong>
      <span class="muted">{stream.codec || '?'}{stream.clockRate ? `/${stream.clockRate}` : ''}, {t('path.packets', { n: number(stream.packets, locale()) })}{!isFax(stream) && <>, SSRC <span class="mono">{(stream.ssrc ?? 0).toString(16).padStart(8, '0')}</span></>}</span>
      {stream.encryption && <span class="chip warn">{t('path.encrypted', { how: stream.encryption })}</span>}
    </li>
  );
}

function ChainView({ call, chain }: { call: Call; chain: Chain }) {
  const nodes = chain.stages.filter((stage): stage is Node => stage.kind === 'node');
  const numbered = chain.streams.map((stream) => ({ stream, name: t('path.stream', { n: streamNumber(call, stream.id) }) }));
  const name = numbered.map((one) => one.name).join(' → ');
  return (
    <section class="panel pad stack tight" aria-label={name}>
      <div class="row">
        <h3>{nodes.map(nameOf).join(' → ')}</h3>
        <span class={sideClass(chain.streams[0]!)}>{t(chain.side === 'SIDE_UNSPECIFIED' ? 'side.SIDE_UNSPECIFIED' : 'path.speaks', { side: t(`side.${chain.side}`) })}</span>
      </div>
      <div class="scroll-x path-frame" tabIndex={0} role="group" aria-label={t('path.way', { name })}>
        <ol class="path">{chain.stages.map((stage, i) => <StageView key={i} stage={stage} />)}</ol>
      </div>
      <ul class="stack tight">{numbered.map((one) => <StreamLine key={one.stream.id} {...one} />)}</ul>
      {numbered.flatMap(({ stream, name: which }) => (stream.findings ?? []).map((finding) => <p key={`${which} ${finding}`} class="notice">{numbered.length > 1 && <strong class="nowrap">{which}: </strong>}{finding}</p>))}
    </section>
  );
}

export function Path({ call }: { call: Call }) {
  const chains = useMemo(() => chainsOf(call), [call]);
  if (chains.length === 0) return <p class="panel pad muted">{t('path.none')}</p>;
  return <div class="stack">{chains.map((chain) => <ChainView key={chain.streams[0]!.id} call={call} chain={chain} />)}</div>;
}
