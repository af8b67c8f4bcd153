// What people wrote about the call: tags and a note, for everyone who may see it.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, rpc } from '../api/client';
import type { Call, CallAnnotation } from '../api/types';
import { dateTime } from '../format';
import { t } from '../i18n';
import { Icon } from '../ui/icons';
import { ErrorNotice, Field, Tags } from '../ui/parts';
import { tagsIn } from './tags';

function Writer({ value }: { value: CallAnnotation }) {
  if (!value.time) return null;
  return <p class="muted small">{t('annotation.by', { name: value.user || t('annotation.anyone'), time: dateTime(value.time) })}</p>;
}

interface FormProps {
  call: Call;
  onDone: (call: Call | undefined) => void;
}

function Form({ call, onDone }: FormProps) {
  const [base, setBase] = useState<CallAnnotation>(call.annotation ?? {});
  const [tags, setTags] = useState((base.tags ?? []).join(', '));
  const [note, setNote] = useState(base.note ?? '');
  const [theirs, setTheirs] = useState<CallAnnotation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  // Somebody else was faster: shows what is there now, keeps what was typed.
  const conflict = async () => {
    const now = (await rpc('CallService/GetCall', { id: call.id! })).call?.annotation ?? {};
    setBase(now);
    setTheirs(now);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onDone((await rpc('CallService/AnnotateCall', { id: call.id!, tags: tagsIn(tags), note: note.trim(), ...(base.time && { replaces: base.time }) })).call);
    } catch (reason) {
      await (reason instanceof ApiError && reason.code === 'aborted' ? conflict() : Promise.reject(reason)).catch(setError);
      setBusy(false);
    }
  };
  const take = () => {
    setTags([...new Set([...(theirs?.tags ?? []), ...tagsIn(tags)])].join(', '));
    setNote([theirs?.note, note.trim()].filter(Boolean).join('\n'));
    setTheirs(null);
  };
  return (
    <form class="stack tight" onSubmit={save} onKeyDown={(event) => { if (event.key === 'Escape') onDone(undefined); }}>
      {theirs && (
        <div class="notice warn" role="alert">
          <Icon name="warn" />
          <div class="grow stack tight">
            <span>{t('annotation.conflict')}</span>
            <Tags tags={theirs.tags} />
            <p class="note">{theirs.note}</p>
            <Writer value={theirs} />
            <div class="row"><button type="button" class="button" onClick={take}>{t('annotation.join')}</button></div>
          </div>
        </div>
      )}
      {error != null && <ErrorNotice error={error} />}
      <Field id="a-tags" label={t('annotation.tags')} hint={t('annotation.tagsText')}>
        <input id="a-tags" autoFocus autocomplete="off" aria-describedby="a-tags-hint" value={tags} onInput={(event) => setTags(event.currentTarget.value)} />
      </Field>
      <Field id="a-note" label={t('annotation.note')}>
        <textarea id="a-note" rows={3} maxLength={4000} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </Field>
      <div class="row">
        <button class="button primary" disabled={busy}>{t('annotation.save')}</button>
        <button type="button" class="button" onClick={() => onDone(undefined)}>{t('app.cancel')}</button>
      </div>
    </form>
  );
}

export function Annotation({ call, onChange }: { call: Call; onChange: () => void }) {
  const [editing, setEditing] = useState(false);
  // What was saved shows before the call was asked for again.
  const [saved, setSaved] = useState<CallAnnotation | null>(null);
  useEffect(() => setSaved(null), [call]);
  const value = saved ?? call.annotation ?? {};
  const done = (written: Call | undefined) => {
    setEditing(false);
    if (!written) return;
    setSaved(written.annotation ?? {});
    onChange();
  };
  return (
    <section class="panel pad stack tight" aria-label={t('annotation.title')}>
      {editing
        ? <Form call={saved ? { ...call, annotation: saved } : call} onDone={done} />
        : (
          <div class="row spread">
            <div class="stack tight">
              <Tags tags={value.tags} />
              {value.note && <p class="note">{value.note}</p>}
              {value.time ? <Writer value={value} /> : <span class="muted">{t('annotation.none')}</span>}
            </div>
            <button type="button" class="button plain" onClick={() => setEditing(true)}>{t(value.time ? 'annotation.edit' : 'annotation.add')}</button>
          </div>
        )}
    </section>
  );
}
