// What the parts of the page share: what is shown, and the worker.

export const state = { models: [], model: null, says: null, language: '', worker: null, shown: null };
export const get = id => document.getElementById(id);
export const source = get('source'),
  target = get('target');
let asked = 0;

// Let the worker do a task: a promise of its answer. show: function of what has come of the answer, or none.
export function ask(task, values, show) {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    const hear = ({ data }) => {
      if (data.id !== id) return;
      if ('begun' in data) return show(data.begun);
      state.worker.removeEventListener('message', hear);
      if (data.error) reject(new Error(data.error));
      else resolve(data.answer);
    };
    state.worker.addEventListener('message', hear);
    state.worker.postMessage({ id, task, file: state.model.file, shows: Boolean(show), ...values });
  });
}
