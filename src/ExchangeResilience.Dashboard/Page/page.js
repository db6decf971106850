"use strict";
(() => {
  const base = location.pathname.replace(/\/+$/, "");
  const $ = id => document.getElementById(id);
  const ns = "http://www.w3.org/2000/svg";
  const memory = 15 * 60 * 1000;
  let skew = 0, live = null, samples = [], lanesSaid = new Map(), doubtSaid = null, isFirst = true;

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const dress = (element, className) => { if (element.className !== className) element.className = className; };
  const words = name => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  const two = number => String(number).padStart(2, "0");
  const clockTime = at => { const t = new Date(at); return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`; };
  const dayTime = at => { const t = new Date(at); return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${clockTime(at)}`; };
  const span = ms => {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
    const hours = Math.floor(seconds / 3600);
    return hours < 48 ? `${hours} h ${two(Math.floor(seconds % 3600 / 60))} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  };
  const signed = ms => `${ms > 0 ? "+" : ms < 0 ? "\u2212" : ""}${Math.abs(ms).toLocaleString("en")} ms`;
  const serverNow = () => Date.now() + skew;
  const effect = { Executed: "took effect", NotExecuted: "no effect", Unknown: "unknown" };
  const laneNames = { Ip: "Address", Orders: "Orders", Host: "Host" };
  const laneWhose = { Ip: "everything from the egress", Orders: "orders of the account", Host: "risk-increasing orders to the host" };
  const stateNames = { Open: "open", Held: "held", Probing: "probing", Ramping: "reopening" };
  const codeName = code => code === 0 ? "a refusal without a code" : String(code);

  // Elements are kept and changed, not made anew, so that focus and an open trail survive every update.
  const keyed = (list, items, keyOf, create, update) => {
    const known = list.known ??= new Map();
    const kept = new Set(items.map(keyOf));
    for (const [key, entry] of known) if (!kept.has(key)) { entry.root.remove(); known.delete(key); }
    let place = list.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      let entry = known.get(key);
      if (!entry) known.set(key, entry = create(item));
      if (entry.root === place) place = place.nextElementSibling; else list.insertBefore(entry.root, place);
      entry.item = item;
      update(entry, item);
    }
  };

  const act = async (action, body) => {
    const reply = await fetch(`${base}/actions/${action}`, {
      method: "POST", credentials: "same-origin", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-Exchange-Dashboard": "1" },
    });
    const text = await reply.text();
    try { return JSON.parse(text); } catch { return { done: false, message: text || `The server answered ${reply.status}.` }; }
  };

  let pending = null;
  const confirm = request => {
    pending = request;
    say($("dialog-title"), request.title);
    say($("dialog-text"), request.text);
    say($("dialog-yes"), request.yes);
    say($("dialog-optional"), request.needsReason ? "(needed; it is logged with who you are)" : "(it is logged with who you are)");
    say($("dialog-fault"), "");
    $("dialog-reason").value = "";
    $("dialog-choice").hidden = !request.asksExecution;
    for (const choice of document.getElementsByName("execution")) choice.checked = false;
    $("dialog").showModal();
    $("dialog-reason").focus();
  };
  let toastTimer = 0;
  const toast = text => {
    $("toast").hidden = false;
    say($("toast"), text);
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { $("toast").hidden = true; }, 6000);
  };
  $("dialog-no").addEventListener("click", () => $("dialog").close());
  $("dialog-form").addEventListener("submit", async event => {
    event.preventDefault();
    const request = pending;
    const body = { ...request.body, reason: $("dialog-reason").value.trim() };
    if (request.asksExecution) {
      const chosen = [...document.getElementsByName("execution")].find(choice => choice.checked);
      if (!chosen) return say($("dialog-fault"), "Say what the exchange's records show.");
      body.execution = chosen.value;
    }
    if (request.needsReason && !body.reason) return say($("dialog-fault"), "A reason is needed.");
    $("dialog-yes").disabled = true;
    try {
      const result = await act(request.action, body);
      if (result.done) { $("dialog").close(); toast(result.message); } else say($("dialog-fault"), result.message);
    } catch { say($("dialog-fault"), "The server cannot be reached."); }
    finally { $("dialog-yes").disabled = false; }
  });

  $("halt").addEventListener("click", () => live?.halt
    ? confirm({ action: "resume", needsReason: true, title: "Allow new orders again?", text: `They were stopped by ${live.halt.by}: ${live.halt.reason}`, yes: "Allow new orders", body: {} })
    : confirm({ action: "stop", needsReason: true, title: "Stop new orders?", text: "Every client of this program stops placing and amending orders at once, and with them signed changes on paths it does not know. Cancels and closing orders pass; what has left already is followed up.", yes: "Stop new orders", body: {} }));

  const laneKey = lane => `${lane.lane}|${lane.environment}|${lane.key}`;
  const createLane = () => {
    const entry = { root: make("li", "card") };
    const top = make("div", "top");
    entry.name = make("h3");
    entry.state = make("span", "state");
    top.append(entry.name, entry.state);
    entry.whose = make("p", "whose");
    entry.clock = make("p", "clock");
    entry.why = make("p");
    entry.windows = make("div");
    entry.release = make("button", "small", "Release …");
    entry.release.type = "button";
    entry.release.addEventListener("click", () => {
      const lane = entry.item;
      confirm({
        action: "release", needsReason: true, title: `Release the ${laneNames[lane.lane].toLowerCase()} lane of ${lane.environment}?`,
        text: "One request will find out whether the exchange agrees. If it does not, a request sent into a ban can make the ban longer.", yes: "Release the hold",
        body: { lane: lane.lane, environment: lane.environment, key: lane.key },
      });
    });
    entry.root.append(top, entry.whose, entry.clock, entry.why, entry.windows, entry.release);
    return entry;
  };
  const updateWindow = (entry, item) => {
    say(entry.text, `${item.used.toLocaleString("en")}${item.limit ? ` of ${item.limit.toLocaleString("en")}` : ""} ${entry.unit} in ${item.seconds} s`);
    entry.meter.hidden = !item.limit;
    if (item.limit) { entry.meter.max = item.limit; entry.meter.high = item.limit * .9; entry.meter.value = Math.min(item.used, item.limit); }
  };
  const updateLane = (entry, lane) => {
    dress(entry.root, `card ${lane.state}`);
    say(entry.name, laneNames[lane.lane]);
    say(entry.state, stateNames[lane.state]);
    say(entry.whose, `${lane.environment} · ${laneWhose[lane.lane]} ${lane.key}`);
    const isHeld = lane.state === "Held";
    entry.clock.hidden = !isHeld;
    entry.release.hidden = !isHeld;
    say(entry.why, [
      lane.state === "Open" ? "" : isHeld ? `closed by ${codeName(lane.code)}${lane.toldTo ? `, told to ${lane.toldTo}` : ""}` : `after ${codeName(lane.code)}; ${lane.state === "Probing" ? "one request finds out" : "ever more pass"}`,
      lane.waiters ? `${lane.waiters} ${lane.waiters === 1 ? "waits" : "wait"}` : "",
    ].filter(Boolean).join(", "));
    entry.why.hidden = !entry.why.textContent;
    const unit = lane.lane === "Ip" ? "weight" : "orders";
    keyed(entry.windows, lane.windows, item => item.seconds, () => {
      const made = { root: make("div", "window"), text: make("span"), meter: document.createElement("meter"), unit };
      made.meter.setAttribute("aria-hidden", "true");
      made.root.append(made.text, made.meter);
      return made;
    }, updateWindow);
  };

  const orderKey = order => [order.client, order.account, order.symbol, order.clientOrderId, order.kind].join("|");
  const searchWords = {
    Searching: "The exchange is being asked.", NobodyToAsk: "Nobody can ask: no client signs with its key.",
    CredentialsRefused: "The exchange refuses the key. Mend it, then ask again.", RetentionPassed: "Too long ago for the exchange to show it. Look it up and settle it.",
    HeldElsewhere: "Another process holds it and asks the exchange; its verdict will be shown here.",
  };
  const createOrder = order => {
    const entry = { root: make("li", "order") };
    entry.title = make("h3", "", `${order.kind} ${order.symbol}`);
    entry.id = make("p", "id", order.clientOrderId);
    entry.since = make("p", "whose");
    entry.state = make("p");
    entry.details = make("details");
    entry.summary = make("summary");
    entry.trail = make("ol", "trail");
    entry.trail.tabIndex = 0;
    entry.details.append(entry.summary, entry.trail);
    const buttons = make("div", "buttons");
    entry.ask = make("button", "small", "Ask again now …");
    entry.ask.type = "button";
    entry.settle = make("button", "small", "Settle …");
    entry.settle.type = "button";
    const body = { client: order.client, account: order.account, symbol: order.symbol, clientOrderId: order.clientOrderId, kind: order.kind };
    entry.ask.addEventListener("click", () => confirm({ action: "ask", title: `Ask again about ${order.clientOrderId}?`, text: "The search for the order starts again.", yes: "Ask again", body }));
    entry.settle.addEventListener("click", () => confirm({
      action: "settle", needsReason: true, asksExecution: true, title: `Settle ${order.clientOrderId}?`,
      text: "Look the order up at the exchange first. Whoever waits for it is told your word, and a wrong one can double the order or lose it.", yes: "Settle the order", body,
    }));
    buttons.append(entry.ask, entry.settle);
    entry.root.append(entry.title, entry.id, entry.since, entry.state, entry.details, buttons);
    entry.lines = 0;
    entry.last = "";
    return entry;
  };
  const trailLine = line => {
    const item = make("li");
    const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+Z) (.*)$/s.exec(line);
    if (parts) {
      const time = make("time", "", clockTime(`${parts[1]}T${parts[2]}`));
      time.dateTime = `${parts[1]}T${parts[2]}`;
      item.append(time, parts[3]);
    } else item.textContent = line;
    return item;
  };
  const updateOrder = (entry, order) => {
    say(entry.state, searchWords[order.state] ?? words(order.state));
    entry.ask.hidden = order.state === "Searching" || order.state === "NobodyToAsk" || order.state === "HeldElsewhere";
    entry.settle.hidden = order.state === "HeldElsewhere";
    say(entry.summary, `Evidence so far: ${order.trail.length} ${order.trail.length === 1 ? "line" : "lines"}`);
    const last = order.trail.at(-1) ?? "";
    if (entry.lines !== order.trail.length || entry.last !== last) {
      const isAtEnd = entry.trail.scrollTop + entry.trail.clientHeight >= entry.trail.scrollHeight - 8;
      entry.trail.replaceChildren(...order.trail.map(trailLine));
      entry.lines = order.trail.length;
      entry.last = last;
      if (isAtEnd) entry.trail.scrollTop = entry.trail.scrollHeight;
    }
  };

  const showLive = () => {
    $("lanes-none").hidden = live.lanes.length > 0;
    const rank = { Held: 0, Probing: 1, Ramping: 2, Open: 3 };
    keyed($("lanes"), [...live.lanes].sort((a, b) => rank[a.state] - rank[b.state]), laneKey, createLane, updateLane);
    say($("doubt-count"), String(live.inDoubtCount));
    dress($("doubt-count"), live.inDoubtCount ? "count some" : "count");
    $("doubt-none").hidden = live.inDoubtCount > 0;
    $("doubt-more").hidden = live.inDoubtCount <= live.inDoubt.length;
    say($("doubt-more"), `The ${live.inDoubt.length} oldest are shown.`);
    keyed($("doubt"), live.inDoubt, orderKey, createOrder, updateOrder);
    $("verdicts-box").hidden = live.verdicts.length === 0;
    keyed($("verdicts"), live.verdicts, item => `${item.at}|${item.clientOrderId}|${item.kind}`, item => {
      const entry = { root: make("li") };
      const text = make("span", "", `${clockTime(item.at)} ${item.kind} ${item.symbol} ${item.clientOrderId}: ${item.evidence}`);
      entry.root.append(text, " ", make("b", `tag ${item.execution}`, effect[item.execution]));
      return entry;
    }, () => {});
    keyed($("clocks"), live.clocks, clock => clock.environment, clock => {
      const entry = { root: make("li"), text: make("span"), resync: make("button", "small", "Resync …") };
      entry.resync.type = "button";
      entry.resync.addEventListener("click", () => confirm({ action: "resync", title: `Measure the clock of ${clock.environment} anew?`, text: "One question to the exchange, weight 1, then some more in the background.", yes: "Resync", body: { environment: clock.environment } }));
      entry.root.append(entry.text, entry.resync);
      return entry;
    }, (entry, clock) => say(entry.text, clock.isSynchronised
      ? `${clock.environment}: ${signed(clock.offsetMs)} against this machine, ±${clock.uncertaintyMs} ms, measured ${clock.measurements} ${clock.measurements === 1 ? "time" : "times"}, last at ${clockTime(clock.measuredAt)} exchange time`
      : `${clock.environment}: not measured yet`));

    const alarms = live.contradictions.map(item => ({ key: `c${item.at}${item.clientOrderId}`, text: `${item.kind} ${item.symbol} ${item.clientOrderId} was reported as not executed and is ${item.status} at the exchange. A position may exist that nobody counts.` }));
    if (live.halt) alarms.unshift({ key: "halt" + live.halt.since, text: `New orders are stopped since ${clockTime(live.halt.since)} by ${live.halt.by}: ${live.halt.reason}. Cancels and closing orders pass.` });
    keyed($("alarms"), alarms, alarm => alarm.key, alarm => ({ root: make("p", "alarm", alarm.text) }), () => {});
    say($("halt"), live.halt ? "Allow new orders …" : "Stop new orders …");
    showFleet(live.fleet);
    speak();
    tick();
  };

  const showFleet = fleet => {
    $("fleet-box").hidden = !fleet;
    if (!fleet) return;
    say($("fleet-count"), String(fleet.members.length));
    $("fleet-store").hidden = !fleet.storeFault;
    say($("fleet-store"), fleet.storeFault ? `The store is away since ${clockTime(fleet.storeFaultSince)}: ${fleet.storeFault} New orders are refused; what is shown of the others is old.` : "");
    keyed($("members"), fleet.members, member => member.id, member => {
      const entry = { root: make("tr"), up: make("span"), lease: make("span", "tag"), unfinished: make("span") };
      entry.root.append(cell("Member", member.isThis ? make("b", "", `${member.name} (this process)`) : member.name), cell("Up for", entry.up), cell("Lease", entry.lease), cell("Unfinished", entry.unfinished));
      return entry;
    }, (entry, member) => {
      say(entry.up, span(member.upSeconds * 1000));
      say(entry.lease, member.leaseSeconds ? "held" : "run out: others take over");
      dress(entry.lease, `tag ${member.leaseSeconds ? "Executed" : "Unknown"}`);
      say(entry.unfinished, member.unfinished.toLocaleString("en"));
    });
  };

  // Spoken once each time something begins or ends; a countdown read aloud would say nothing else.
  const speak = () => {
    const said = [];
    const states = new Map(live.lanes.map(lane => [laneKey(lane), lane]));
    for (const [key, lane] of states) {
      const before = lanesSaid.get(key) ?? "Open";
      if (lane.state === "Held" && before !== "Held") said.push(`${laneNames[lane.lane]} lane of ${lane.environment} closed for ${span(Date.parse(lane.until) - serverNow())} by ${codeName(lane.code)}.`);
      if (lane.state === "Open" && before !== "Open") said.push(`${laneNames[lane.lane]} lane of ${lane.environment} open again.`);
    }
    lanesSaid = new Map([...states].map(([key, lane]) => [key, lane.state]));
    if (doubtSaid !== null && live.inDoubtCount !== doubtSaid) said.push(`${live.inDoubtCount || "No"} ${live.inDoubtCount === 1 ? "order" : "orders"} in doubt.`);
    doubtSaid = live.inDoubtCount;
    if (said.length) say($("spoken"), said.join(" "));
  };

  const tick = () => {
    if (!live) return;
    const now = serverNow();
    for (const entry of $("lanes").known?.values() ?? []) if (entry.item.state === "Held") say(entry.clock, span(Date.parse(entry.item.until) - now));
    for (const entry of $("doubt").known?.values() ?? []) say(entry.since, `since ${clockTime(entry.item.since)}, for ${span(now - Date.parse(entry.item.since))}, through ${entry.item.client}`);
    const held = live.lanes.filter(lane => lane.state === "Held").sort((a, b) => Date.parse(b.until) - Date.parse(a.until));
    const said = [];
    if (live.halt) said.push("New orders are stopped");
    if (live.fleet?.storeFault) said.push("The fleet's store is away");
    if (held.length) said.push(held[0].lane === "Ip" && held[0].code === -1003
      ? `The exchange has told this address to wait ${span(Date.parse(held[0].until) - now)} more (-1003)`
      : `${laneNames[held[0].lane]} lane closed for ${span(Date.parse(held[0].until) - now)} more (${codeName(held[0].code)})`);
    if (held.length > 1) said.push(`${held.length} lanes are held`);
    if (live.inDoubtCount) said.push(`${live.inDoubtCount} ${live.inDoubtCount === 1 ? "order is" : "orders are"} in doubt`);
    if (live.contradictions.length) said.push(`${live.contradictions.length} contradicted ${live.contradictions.length === 1 ? "absence" : "absences"}`);
    const opening = live.lanes.filter(lane => lane.state === "Probing" || lane.state === "Ramping").length;
    if (!held.length && opening) said.push(`${opening} ${opening === 1 ? "lane is" : "lanes are"} reopening`);
    say($("headline"), said.length ? said.join(" · ") : "All lanes are open and nothing is in doubt.");
    dress($("headline"), `headline ${live.halt || live.fleet?.storeFault || held.length || live.contradictions.length ? "bad" : said.length ? "uneasy" : "calm"}`);
    document.title = said.length ? `(!) ${said[0]} – Exchange` : "Exchange";
  };

  const cell = (label, ...content) => { const element = make("td"); element.dataset.label = label; const inner = make("span"); inner.append(...content); element.append(inner); return element; };
  const showDecisions = decisions => {
    const body = $("decisions");
    $("decisions-none").hidden = true;
    $("decisions-table").hidden = false;
    for (const item of decisions) {
      const row = make("tr", isFirst ? "" : "fresh");
      const time = cell("Time", clockTime(item.at));
      time.classList.add("time");
      const request = item.clientOrderId ? cell("Request", `${item.operation} `, make("span", "id", item.clientOrderId)) : cell("Request", item.operation);
      const wait = item.action === "Retry" && item.delayMs > 0 ? ` in ${item.delayMs.toLocaleString("en")} ms` : "";
      row.append(
        time, request,
        cell("Error", item.code ? `${item.code} ${item.error}` : item.error, item.attempt > 1 ? ` (attempt ${item.attempt})` : ""),
        cell("Effect", make("span", `tag ${item.execution}`, effect[item.execution] ?? item.execution)),
        cell("Decision", `${words(item.action)}${wait}: ${words(item.reason)}`));
      body.prepend(row);
    }
    while (body.rows.length > 100) body.lastElementChild.remove();
    isFirst = false;
  };

  const columns = ["Selector", "Action", "Attempts", "First wait", "Longest wait", "Lane", "Effect", "Set by"];
  const createClient = client => {
    const entry = { root: make("div", "client"), shown: "" };
    entry.title = make("h3");
    entry.reload = make("div", "reload");
    entry.reload.setAttribute("role", "status");
    const tools = make("div", "tools");
    const label = make("label", "", "Only overrides ");
    entry.only = make("input");
    entry.only.type = "checkbox";
    label.prepend(entry.only, " ");
    const filter = make("label", "", "Filter ");
    entry.filter = make("input");
    entry.filter.type = "text";
    entry.filter.placeholder = "-1003, Retry …";
    filter.append(entry.filter);
    entry.found = make("span", "hint");
    tools.append(label, filter, entry.found);
    const scroll = make("div", "scroll tall");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", `Policies of ${client.name}`);
    const table = make("table", "stack");
    table.append(make("caption", "", `What happens next, by error, for ${client.name}`));
    const head = table.createTHead().insertRow();
    for (const column of columns) { const th = make("th", "", column); th.scope = "col"; head.append(th); }
    entry.body = table.createTBody();
    scroll.append(table);
    entry.root.append(entry.title, entry.reload, tools, scroll);
    entry.only.addEventListener("change", () => filterRows(entry));
    entry.filter.addEventListener("input", () => filterRows(entry));
    return entry;
  };
  const filterRows = entry => {
    const wanted = entry.filter.value.trim().toLowerCase();
    let shown = 0;
    for (const row of entry.body.rows) {
      row.hidden = (entry.only.checked && !row.classList.contains("overridden")) || !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) shown++;
    }
    say(entry.found, `${shown} of ${entry.body.rows.length} rows`);
  };
  const updateClient = (entry, client) => {
    const overridden = client.rows.filter(row => row.isOverridden).length;
    say(entry.title, `${client.name}: settings ${client.version}, ${words(client.mode)}, ${overridden} of ${client.rows.length} rows overridden`);
    const text = JSON.stringify([client.reload, client.rows]);
    if (entry.shown === text) return;
    entry.shown = text;
    const reload = client.reload;
    if (!reload) entry.reload.replaceChildren(make("span", "hint", "Not reloaded since the program started."));
    else {
      const line = make("p");
      line.append(make("b", `tag ${reload.accepted ? "accepted" : "refused"}`, reload.accepted ? "Reload accepted" : "Reload refused"), ` ${dayTime(reload.at)}${reload.accepted ? "" : "; the last good settings stay in force"}`);
      const faults = make("ul");
      faults.append(...reload.faults.map(fault => make("li", "", fault)));
      entry.reload.replaceChildren(line, ...(reload.faults.length ? [faults] : []));
    }
    entry.body.replaceChildren(...client.rows.map(row => {
      const line = make("tr", row.isOverridden ? "overridden" : "");
      line.append(
        cell(columns[0], row.selector), cell(columns[1], row.action), cell(columns[2], String(row.maxAttempts)), cell(columns[3], row.baseDelay), cell(columns[4], row.maxDelay),
        cell(columns[5], row.lane), cell(columns[6], row.execution ? effect[row.execution] ?? row.execution : "as the error says"), cell(columns[7], row.isOverridden ? make("span", "tag overridden", "you") : "default"));
      return line;
    }));
    filterRows(entry);
  };

  const draw = (id, title, render) => {
    const host = $(`${id}-chart`);
    const width = Math.max(240, host.clientWidth), height = 150;
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("role", "img");
    const add = (tag, className, attributes, text) => {
      const element = document.createElementNS(ns, tag);
      if (className) element.setAttribute("class", className);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      if (text !== undefined) element.textContent = text;
      svg.append(element);
      return element;
    };
    const end = samples.length ? Date.parse(samples.at(-1).at) : serverNow();
    const start = Math.max(end - memory, Math.min(samples.length ? Date.parse(samples[0].at) : end, end - 120000));
    const left = 46, right = width - 8, top = 8, bottom = height - 20;
    const x = at => left + (Date.parse(at) - start) / (end - start) * (right - left);
    const frame = (low, high, format) => {
      const y = value => bottom - (value - low) / (high - low || 1) * (bottom - top);
      for (const value of [low, (low + high) / 2, high]) {
        add("line", "axis", { x1: left, x2: right, y1: y(value), y2: y(value) });
        add("text", "tick", { x: left - 5, y: y(value) + 4, "text-anchor": "end" }, format(value));
      }
      const minutes = Math.round((end - start) / 60000);
      add("text", "tick", { x: left, y: height - 5 }, `${minutes} min ago`);
      add("text", "tick", { x: right, y: height - 5, "text-anchor": "end" }, "now");
      return y;
    };
    const summary = render({ add, frame, x, left, right, bottom, start, end });
    svg.setAttribute("aria-label", `${title}: ${summary}`);
    say($(`${id}-text`), summary);
    host.replaceChildren(svg);
  };
  const legend = (id, items) => keyed($(`${id}-legend`), items, item => item.text, item => {
    const entry = { root: make("li") };
    entry.mark = make("i");
    entry.root.append(entry.mark, item.text);
    return entry;
  }, (entry, item) => dress(entry.mark, item.mark));
  const nice = value => { const step = 10 ** Math.floor(Math.log10(Math.max(1, value))); return Math.max(2, Math.ceil(value / step / .5) * .5 * step); };
  const short = value => Math.abs(value) >= 10000 ? `${Math.round(value / 1000)}k` : Number.isInteger(value) ? String(value) : value.toFixed(1);
  const path = points => points.map((point, i) => `${i ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`).join("");

  const drawErrors = () => draw("errors", "Errors by code", ({ add, frame, left, right, bottom, start, end }) => {
    const totals = new Map();
    for (const sample of samples) for (const error of sample.errors) totals.set(error.name, (totals.get(error.name) ?? 0) + error.count);
    const codes = new Map(samples.flatMap(sample => sample.errors.map(error => [error.name, error.code])));
    const ranked = [...totals].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const shown = ranked.slice(0, 5);
    const rank = name => shown.includes(name) ? shown.indexOf(name) : 5;
    const buckets = 30, sums = Array.from({ length: buckets }, () => [0, 0, 0, 0, 0, 0]);
    for (const sample of samples) {
      const index = Math.min(buckets - 1, Math.floor((Date.parse(sample.at) - start) / (end - start) * buckets));
      if (index >= 0) for (const error of sample.errors) sums[index][rank(error.name)] += error.count;
    }
    const y = frame(0, nice(Math.max(...sums.map(sum => sum.reduce((a, b) => a + b)))), short);
    const step = (right - left) / buckets;
    sums.forEach((sum, i) => {
      let below = 0;
      sum.forEach((count, series) => {
        if (!count) return;
        add("rect", `f${series}`, { x: left + i * step + 1, y: y(below + count), width: Math.max(1, step - 2), height: Math.max(.5, y(below) - y(below + count)) });
        below += count;
      });
    });
    const label = name => `${codes.get(name) ? `${codes.get(name)} ` : ""}${name}: ${totals.get(name)}`;
    legend("errors", [...shown.map((name, i) => ({ text: label(name), mark: `b${i}` })), ...(ranked.length > 5 ? [{ text: `${ranked.length - 5} others`, mark: "b5" }] : [])]);
    const total = [...totals.values()].reduce((a, b) => a + b, 0);
    return total ? `${total} failed ${total === 1 ? "attempt" : "attempts"} in the time shown; one bar is ${Math.max(1, Math.round((end - start) / buckets / 1000))} s` : "No failed attempt in the time shown";
  });

  const series = (of, keyOf) => {
    const found = new Map();
    for (const sample of samples) for (const item of of(sample)) {
      const key = keyOf(item);
      if (!found.has(key)) found.set(key, []);
      found.get(key).push({ at: sample.at, ...item });
    }
    return [...found];
  };
  const drawWeight = () => draw("weight", "Request weight per minute", ({ add, frame, x, start }) => {
    const lines = series(sample => sample.weights, item => `${item.environment}/${item.key}`);
    const all = lines.flatMap(([, points]) => points);
    const limit = Math.max(0, ...lines.map(([, points]) => points.at(-1).limit ?? 0));
    const used = Math.max(0, ...all.map(point => point.used));
    const y = frame(0, nice(Math.max(limit * 1.05, used)), short);
    lines.forEach(([, points], i) => add("path", `curve s${(i + 1) % 5}`, { d: path(points.filter(point => Date.parse(point.at) >= start).map(point => [x(point.at), y(point.used)])) }));
    if (limit) add("line", "limit", { x1: 46, x2: x(samples.at(-1).at), y1: y(limit), y2: y(limit) });
    legend("weight", [...lines.map(([key], i) => ({ text: key, mark: `b${(i + 1) % 5}` })), ...(limit ? [{ text: `limit ${limit.toLocaleString("en")}`, mark: "bl" }] : [])]);
    if (!all.length) return "No request has been sent yet";
    const last = lines[0][1].at(-1);
    return `${last.used.toLocaleString("en")} used in this minute${limit ? ` of ${limit.toLocaleString("en")}, highest ${used.toLocaleString("en")}` : `, highest ${used.toLocaleString("en")}`}`;
  });
  const drawClock = () => draw("clock", "Clock offset", ({ add, frame, x, start }) => {
    const lines = series(sample => sample.clocks, item => item.environment).map(([key, points]) => [key, points.filter(point => Date.parse(point.at) >= start)]).filter(([, points]) => points.length);
    const all = lines.flatMap(([, points]) => points);
    const low = Math.min(0, ...all.map(point => point.offsetMs - point.uncertaintyMs)), high = Math.max(0, ...all.map(point => point.offsetMs + point.uncertaintyMs));
    const reach = nice(Math.max(4, Math.abs(low), Math.abs(high)));
    const y = frame(low < 0 ? -reach : 0, high > 0 || low >= 0 ? reach : 0, short);
    lines.forEach(([, points], i) => {
      const tone = (i + 4) % 5;
      add("path", `band f${tone}`, { d: `${path([...points.map(point => [x(point.at), y(point.offsetMs + point.uncertaintyMs)]), ...points.slice().reverse().map(point => [x(point.at), y(point.offsetMs - point.uncertaintyMs)])])}Z` });
      add("path", `curve s${tone}`, { d: path(points.map(point => [x(point.at), y(point.offsetMs)])) });
    });
    legend("clock", lines.map(([key], i) => ({ text: `${key}, ms with uncertainty`, mark: `b${(i + 4) % 5}` })));
    if (!all.length) return "No clock has been measured yet";
    const offsets = all.map(point => point.offsetMs);
    return `Now ${signed(lines[0][1].at(-1).offsetMs)}, between ${signed(Math.min(...offsets))} and ${signed(Math.max(...offsets))} in the time shown`;
  });
  const drawAll = () => { drawErrors(); drawWeight(); drawClock(); };

  const source = new EventSource(`${base}/events`);
  const line = (text, className) => { say($("line"), text); dress($("line"), `line ${className}`); };
  source.addEventListener("open", () => {
    // The stream begins anew with all that is remembered.
    samples = [];
    $("decisions").replaceChildren();
    isFirst = true;
    line("Live", "on");
  });
  source.addEventListener("error", () => line(source.readyState === EventSource.CLOSED ? "Disconnected; reload the page" : "Connection lost; what is shown is old", "off"));
  source.addEventListener("live", event => { const data = JSON.parse(event.data); skew = data.now - Date.now(); live = data.live; showLive(); });
  source.addEventListener("policies", event => keyed($("clients"), JSON.parse(event.data).clients, client => client.name, createClient, updateClient));
  source.addEventListener("decisions", event => showDecisions(JSON.parse(event.data)));
  source.addEventListener("samples", event => {
    samples.push(...JSON.parse(event.data));
    const oldest = Date.parse(samples.at(-1).at) - memory;
    samples = samples.filter(sample => Date.parse(sample.at) >= oldest);
    drawAll();
  });
  setInterval(tick, 250);
  let resizing = 0;
  addEventListener("resize", () => { cancelAnimationFrame(resizing); resizing = requestAnimationFrame(drawAll); });
  drawAll();
})();
