// Several tabs of one person: each tells the others which texts it holds, so that no two show the same one.

const PATIENCE = 60; // milliseconds that a new tab waits for the others to answer

export class Tabs {
  constructor(project, annotator, onClash) {
    this.id = Math.random();
    this.held = [];
    this.others = new Map(); // tab -> ids
    this.channel = new BroadcastChannel(`alps/${project}/${annotator}`);
    this.channel.onmessage = ({ data }) => {
      if (data.ask) this.post();
      if (!data.ids) return;
      this.others.set(data.tab, data.ids);
      if (data.tab < this.id) onClash(new Set(data.ids)); // of two that took the same text, one gives it up
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

  close() {
    this.hold([]);
    this.channel.close();
  }
}
