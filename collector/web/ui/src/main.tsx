import { render } from 'preact';
import { App } from './app';
import { chooseLanguage, setLanguage } from './i18n';
import { applyTheme } from './prefs';
import './styles/base.css';
import './styles/shell.css';
import './styles/calls.css';
import './styles/call.css';
import './styles/ladder.css';
import './styles/pages.css';

applyTheme();
setLanguage(chooseLanguage());
render(<App />, document.getElementById('app')!);
