// Several tabs of one person: each tells the others which texts it holds, so that no two show the same one; and that
// it has answered what another one takes, which the other had been sent before.

const PATIENCE = 60; // milliseconds that a new tab waits for the others to answer

export class Tabs {
  // `onClash(ids, answered)` is to give texts up; `answered` are those that were answered in this tab.
  constructor(project, annotator, answered, onClash) {
    this.id = Math.random();
    this.held = [];
    this.others = new Map(); // tab -> ids
    this.seen = new Set(); // ids that others have held since they were last forgotten
    this.channel = new BroadcastChannel(`alps/${project}/${annotator}`);
    this.channel.onmessage = ({ data }) => {
      if (data.ask) this.post();
      if (data.answered) onClash(new Set(data.answered), true);
      if (!data.ids) return;
      this.others.set(data.tab, data.ids);
      for (const id of data.ids) this.seen.add(id);
      const late = data.ids.filter((id) => answered.has(id));
      if (late.length) this.channel.postMessage({ answered: late });
      if (data.tab < this.id) onClash(new Set(data.ids), false); // of two that took the same text, one gives it up
    };
    addEventListener("pagehide", () => this.hold([]));
  }

  // The ids that other tabs hold, asked anew: a tab that crashed does not answer.
  async ask() {
    this.others.clear();
    this.channel.postMessage({ ask: true });
    await new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  }

  hold(ids) {
    this.held = ids;
    this.post();
  }

  post() {
    this.channel.postMessage({ tab: this.id, ids: this.held });
  }

  get ids() {
    return [...this.others.values()].flat();
  }

  // From now on `seen` holds what the others hold, and what they come to hold.
  watch() {
    this.seen = new Set(this.ids);
  }

  close() {
    this.hold([]);
    this.channel.close();
  }
}
