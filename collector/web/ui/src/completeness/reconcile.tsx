// A PBX's call detail records against what was recorded.
import { useRef, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { ExtraCall, ReconcileCallsRequest, ReconcileCallsResponse, ReconciledRecord } from '../api/types';
import { bytes, clock, durationMs, number, percent } from '../format';
import { locale, t, tn } from '../i18n';
import { Icon } from '../ui/icons';
import { ErrorNotice, Field, Skeleton, Time } from '../ui/parts';
import { callsOf, viewersZone } from './wholeness';

// What ReconcileCalls takes.
const MOST_BYTES = 3 * 2 ** 20;
const SHOWN = 500;

type Options = Record<'timeZone' | 'columns' | 'timeFormat' | 'tolerance' | 'slack', string>;

function inBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    // "data:text/csv;base64,..."; an empty file has no comma.
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(new Error(t('cdr.unreadable')));
    reader.readAsDataURL(file);
  });
}

function requestOf(cdr: string, options: Options): ReconcileCallsRequest {
  const { timeZone, columns, timeFormat, tolerance, slack } = options;
  return {
    cdr, ...(timeZone && { timeZone }), ...(columns && { columns }), ...(timeFormat && { timeFormat }),
    ...(tolerance && { tolerance: `${tolerance}s` }), ...(slack && { slack: `${slack}s` }),
  };
}

const isShorter = (record: ReconciledRecord) => record.shorter === true && record.wholeness === 'WHOLENESS_WHOLE';
const isWhole = (record: ReconciledRecord) => Boolean(record.callId) && !record.shorter && record.wholeness === 'WHOLENESS_WHOLE';

function Outcome({ record }: { record: ReconciledRecord }) {
  if (!record.callId) return <span class="chip bad">{t('cdr.missing')}</span>;
  if (isShorter(record)) return <span class="chip warn">{t('cdr.shorterBy', { recorded: clock(durationMs(record.recorded)), talk: clock(durationMs(record.talk)) })}</span>;
  return <span class="chip warn">{t(`wholeness.${record.wholeness ?? 'WHOLENESS_UNSPECIFIED'}`)}</span>;
}

const CallLink = ({ id }: { id: string | undefined }) => (id ? <a class="mono" href={`/calls/${id}`}>{id.slice(0, 8)}</a> : <span class="muted">–</span>);

function Records({ records, more }: { records: ReconciledRecord[]; more: number }) {
  if (records.length === 0) return null;
  return (
    <section class="panel stack tight" aria-label={t('cdr.lacking')}>
      <h3 class="pad">{t('cdr.lacking')}</h3>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('cdr.lacking')}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col" class="right">{t('cdr.record')}</th><th scope="col">{t('calls.start')}</th><th scope="col">{t('calls.caller')}</th><th scope="col">{t('calls.callee')}</th>
              <th scope="col" class="right">{t('calls.talk')}</th><th scope="col">{t('cdr.call')}</th><th scope="col">{t('cdr.outcome')}</th>
            </tr>
          </thead>
          <tbody>
            {records.slice(0, SHOWN).map((record) => (
              <tr key={record.record}>
                <td class="right muted" title={record.id}>{record.record}</td>
                <td><Time value={record.start} /></td>
                <td class="break">{record.caller || '–'}</td>
                <td class="break">{record.callee || '–'}</td>
                <td class="right">{clock(durationMs(record.talk))}</td>
                <td><CallLink id={record.callId} /></td>
                <td><Outcome record={record} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && <p class="muted pad">{tn('cdr.more', more)}</p>}
    </section>
  );
}

function Extra({ calls, more }: { calls: ExtraCall[]; more: number }) {
  if (calls.length === 0) return null;
  return (
    <details class="panel">
      <summary class="pad"><strong>{t('cdr.extra')}</strong> <span class="muted">{t('cdr.extraText')}</span></summary>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('cdr.extra')}>
        <table class="data">
          <thead><tr><th scope="col">{t('calls.start')}</th><th scope="col">{t('calls.caller')}</th><th scope="col">{t('calls.callee')}</th><th scope="col" class="right">{t('calls.talk')}</th><th scope="col">{t('cdr.call')}</th></tr></thead>
          <tbody>
            {calls.slice(0, SHOWN).map((call) => (
              <tr key={call.callId}>
                <td><Time value={call.start} /></td><td class="break">{call.caller || '–'}</td><td class="break">{call.callee || '–'}</td>
                <td class="right">{clock(durationMs(call.talk))}</td><td><CallLink id={call.callId} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && <p class="muted pad">{tn('cdr.more', more)}</p>}
    </details>
  );
}

function Found({ name, found }: { name: string; found: ReconcileCallsResponse }) {
  const n = (value: string | undefined) => Number(value ?? 0);
  const answered = n(found.answered);
  const whole = callsOf(found.counts, 'WHOLENESS_WHOLE');
  const lacking = (found.records ?? []).filter((record) => record.answered && !isWhole(record));
  const shift = durationMs(found.shift) / 1000;
  const tiles: [string, string][] = [
    [number(whole, locale()), t('cdr.whole', { share: percent(whole, answered, locale()), answered: number(answered, locale()) })],
    [number(found.missing, locale()), t('cdr.missing')], [number(found.shorter, locale()), t('cdr.shorter')],
    [number(answered - whole - n(found.missing) - n(found.shorter), locale()), t('cdr.flawed')], [number(found.extra, locale()), t('cdr.extra')],
  ];
  return (
    <div class="stack" role="status">
      <p>
        <strong class="break">{name}</strong>: {found.layout}, {tn('cdr.records', answered + n(found.unanswered))}, <Time value={found.firstStart} /> – <Time value={found.lastStart} />
        {n(found.unanswered) > 0 && <span class="muted"> · {t('cdr.unanswered', { n: number(found.unanswered, locale()), seen: number(found.unansweredSeen, locale()) })}</span>}
      </p>
      {n(found.unread) > 0 && <p class="notice warn">{t('cdr.unread', { n: number(found.unread, locale()), first: found.firstUnread ?? '' })}</p>}
      {found.shift && <p class="notice warn"><Icon name="warn" />{t(Math.abs(shift) < 600 ? 'cdr.clockOff' : 'cdr.zoneOff', { shift: clock(Math.abs(shift) * 1000), way: t(shift > 0 ? 'cdr.later' : 'cdr.earlier') })}</p>}
      <div class="tiles">{tiles.map(([value, label]) => <div key={label} class="tile panel"><strong>{value}</strong><span class="muted">{label}</span></div>)}</div>
      {answered > 0 && whole === answered && <p class="notice"><Icon name="check" />{t('cdr.allWhole')}</p>}
      <Records records={lacking} more={answered - whole - Math.min(lacking.length, SHOWN)} />
      <Extra calls={found.extraCalls ?? []} more={n(found.extra) - Math.min(found.extraCalls?.length ?? 0, SHOWN)} />
    </div>
  );
}

function OptionFields({ options, onChange }: { options: Options; onChange: (options: Options) => void }) {
  const field = (key: keyof Options, label: string, hint: string, more: { type?: string; placeholder?: string } = {}) => (
    <Field id={`cdr-${key}`} label={label} hint={hint}>
      <input id={`cdr-${key}`} aria-describedby={`cdr-${key}-hint`} value={options[key]} min={0} {...more} onChange={(event) => onChange({ ...options, [key]: event.currentTarget.value.trim() })} />
    </Field>
  );
  return (
    <details>
      <summary>{t('cdr.options')}</summary>
      <div class="filters options">
        {field('timeZone', t('cdr.zone'), t('cdr.zoneHint'))}
        {field('columns', t('cdr.columns'), t('cdr.columnsHint'), { placeholder: 'caller=2,callee=3,start=5' })}
        {field('timeFormat', t('cdr.timeFormat'), t('cdr.timeFormatHint'), { placeholder: '%m/%d/%Y %H:%M:%S' })}
        {field('tolerance', t('cdr.tolerance'), t('cdr.toleranceHint'), { type: 'number', placeholder: '10' })}
        {field('slack', t('cdr.slack'), t('cdr.slackHint'), { type: 'number', placeholder: '2' })}
      </div>
    </details>
  );
}

export function Reconcile() {
  const [options, setOptions] = useState<Options>({ timeZone: viewersZone(), columns: '', timeFormat: '', tolerance: '', slack: '' });
  const [file, setFile] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const [state, setState] = useState<{ busy: boolean; error: unknown; found: ReconcileCallsResponse | null }>({ busy: false, error: null, found: null });
  const turn = useRef(0);
  const compare = async (chosen: File, how: Options) => {
    const mine = ++turn.current;
    const put = (next: typeof state) => { if (mine === turn.current) setState(next); };
    setFile(chosen);
    if (chosen.size > MOST_BYTES) return put({ busy: false, error: new Error(t('cdr.tooLarge', { size: bytes(chosen.size, locale()) })), found: null });
    put({ busy: true, error: null, found: null });
    try {
      const found = await rpc('CompletenessService/ReconcileCalls', requestOf(await inBase64(chosen), how));
      put({ busy: false, error: null, found });
    } catch (error) {
      put({ busy: false, error, found: null });
    }
  };
  const take = (files: FileList | null | undefined) => { if (files?.[0]) void compare(files[0], options); };
  return (
    <section class="stack" aria-label={t('cdr.title')}>
      <div class="page-head"><h2>{t('cdr.title')}</h2><span class="muted">{t('cdr.intro')}</span></div>
      <div class={`panel pad stack drop ${over ? 'over' : ''}`}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); take(event.dataTransfer?.files); }}>
        <div class="row">
          <Field id="cdr-file" label={t('cdr.file')} hint={t('cdr.fileHint')}>
            <input id="cdr-file" type="file" accept=".csv,.txt,.tsv,text/csv,text/plain" onChange={(event) => { take(event.currentTarget.files); event.currentTarget.value = ''; }} />
          </Field>
          {file && <button class="button" type="button" disabled={state.busy} onClick={() => void compare(file, options)}>{t('cdr.again', { name: file.name })}</button>}
        </div>
        <OptionFields options={options} onChange={setOptions} />
      </div>
      {state.busy && <div class="panel"><Skeleton lines={4} /></div>}
      {state.error != null && <ErrorNotice error={state.error} />}
      {state.found && file && <Found name={file.name} found={state.found} />}
    </section>
  );
}
