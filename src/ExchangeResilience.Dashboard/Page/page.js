"use strict";
(() => {
  const base = location.pathname.replace(/\/+$/, "");
  const $ = id => document.getElementById(id);
  const ns = "http://www.w3.org/2000/svg";
  const memory = 15 * 60 * 1000;
  let skew = 0, live = null, samples = [], lanesSaid = new Map(), doubtSaid = null, isFirst = true, heardAt = Date.now(), lostSince = null;

  // An id or a name may bear characters that turn the direction of what follows, or that nobody sees: they are written out.
  const plain = text => String(text ?? "").replace(/\p{Cf}/gu, char => `\\u${char.codePointAt(0).toString(16).padStart(4, "0")}`);
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = plain(text);
    return element;
  };
  const say = (element, text) => { const shown = plain(text); if (element.textContent !== shown) element.textContent = shown; };
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
  // The words of the log, so that whoever reads both finds the same.
  const effect = { Executed: "executed", NotExecuted: "not executed", Unknown: "outcome unknown" };
  const laneWhose = { Ip: "everything from the egress", Orders: "orders of the account", Host: "risk-increasing orders to the host" };
  const stateNames = { Open: "open", Held: "closed", Probing: "probing", Ramping: "reopening" };
  // What the exchange says of its own clock is told as its own pages tell it.
  const utcTime = at => `${new Date(at).toISOString().slice(11, 19)} UTC`;
  const isBanned = lane => lane.state === "Held" && Boolean(lane.bannedUntil);
  const codeName = code => code === 0 ? "a refusal without a code" : String(code);

  // What bears a name keeps its colour for good, whatever stands beside it: the name alone gives the hue.
  const paint = (element, name) => {
    if (hues[name]) { element.style.setProperty("--hue", String(hues[name])); return element; }
    // These two numbers keep the codes apart that are met most.
    let hash = 101;
    for (const char of String(name)) hash = (hash * 131 + char.codePointAt(0)) >>> 0;
    element.style.setProperty("--hue", String(Math.round(hash * 0.618033988749895 % 1 * 360)));
    element.style.setProperty("--shade", String((hash % 3 - 1) * .07));
    return element;
  };
  const hues = { orders: 260, requests: 160, p50: 200, p99: 320 };
  const errorKey = error => error.code ? String(error.code) : error.name ?? error.error;

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
  const textOf = request => typeof request.text === "function" ? request.text() : request.text;
  const confirm = request => {
    pending = request;
    say($("dialog-title"), request.title);
    say($("dialog-text"), textOf(request));
    say($("dialog-yes"), request.yes);
    say($("dialog-no"), request.no ?? "Leave it");
    $("dialog-why").hidden = Boolean(request.asksNothing);
    say($("dialog-optional"), request.needsReason ? "(needed; it is logged with who you are)" : "(it is logged with who you are)");
    say($("dialog-fault"), "");
    $("dialog-reason").value = "";
    $("dialog-choice").hidden = !request.asksExecution;
    for (const choice of document.getElementsByName("execution")) choice.checked = false;
    $("dialog").showModal();
    (request.asksNothing ? $("dialog-yes") : $("dialog-reason")).focus();
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
      if (result.done) { $("dialog").close(); toast(result.message); request.then?.(); } else say($("dialog-fault"), result.message);
    } catch { say($("dialog-fault"), "The server cannot be reached."); }
    finally { $("dialog-yes").disabled = false; }
  });

  const explain = () => confirm({
    action: "explain", needsReason: true, title: "New orders are stopped. Why?", text: "They stay stopped whatever is written here; it is for those who find them so.", yes: "Keep the reason", no: "Later", body: {},
  });
  const whoGoesOn = () => live.unprotected.filter(item => item.observes).map(item => `${item.client} only observes, and goes on. `).join("");
  $("halt").addEventListener("click", () => live?.halt
    ? confirm({ action: "resume", needsReason: true, title: "Allow new orders again?", text: `They were stopped by ${live.halt.by}: ${live.halt.reason}`, yes: "Allow new orders", body: {} })
    : confirm({ action: "stop", asksNothing: true, title: "Stop new orders?", text: `Every client of this program that is protected stops placing and amending orders at once, and with them signed changes on paths it does not know. ${live ? whoGoesOn() : ""}Cancels and closing orders pass; what has left already is followed up. It is kept in memory: a restart of the program trades again. The reason is asked for afterwards.`, yes: "Stop now", body: {}, then: explain }));

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
    entry.release = make("button", "small act", "Release …");
    entry.release.type = "button";
    entry.release.addEventListener("click", () => {
      const lane = entry.item;
      confirm({
        action: "release", needsReason: true, title: `Release the ${lane.lane} lane of ${lane.environment}?`,
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
    say(entry.name, `${lane.lane} lane`);
    say(entry.state, isBanned(lane) ? "banned" : stateNames[lane.state]);
    say(entry.whose, `${lane.environment} · ${laneWhose[lane.lane]} ${lane.key}`);
    const isHeld = lane.state === "Held";
    entry.clock.hidden = !isHeld;
    entry.release.hidden = !isHeld;
    say(entry.why, [
      lane.state === "Open" ? "" : isHeld ? `${isBanned(lane) ? `banned by the exchange until ${utcTime(lane.bannedUntil)}: nothing leaves, cancels neither; ` : ""}closed by ${codeName(lane.code)}${lane.toldTo ? `, told to ${lane.toldTo}` : ""}` : `after ${codeName(lane.code)}; ${lane.state === "Probing" ? "one request finds out" : "ever more pass"}`,
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
    NobodyToAsk: "Nobody can ask: no client signs with its key.",
    CredentialsRefused: "The exchange refuses the key. Mend it, then ask again.", RetentionPassed: "Too long ago for the exchange to show it. Look it up and settle it.",
    HeldElsewhere: "Another process holds it and asks the exchange; its verdict will be shown here.",
  };
  const createOrder = order => {
    const entry = { root: make("li", "order") };
    entry.title = make("h3", "", [
      order.kind, order.side, order.type, order.quantity, order.symbol, order.price && Number(order.price) ? `at ${order.price}` : "",
      order.stopPrice && Number(order.stopPrice) ? `from ${order.stopPrice} on` : "", order.isReduceOnly ? "(reduce only)" : "",
    ].filter(Boolean).join(" "));
    entry.id = make("p", "id", order.clientOrderId);
    entry.since = make("p", "whose");
    entry.state = make("p");
    entry.details = make("details");
    entry.summary = make("summary");
    entry.trail = make("ol", "trail");
    entry.trail.tabIndex = 0;
    entry.details.append(entry.summary, entry.trail);
    const buttons = make("div", "buttons");
    entry.ask = make("button", "small act", "Ask again now …");
    entry.ask.type = "button";
    entry.settle = make("button", "small act");
    entry.settle.type = "button";
    const body = { client: order.client, account: order.account, symbol: order.symbol, clientOrderId: order.clientOrderId, kind: order.kind };
    entry.ask.addEventListener("click", () => confirm({ action: "ask", title: `Ask again about ${order.clientOrderId}?`, text: "The search for the order starts again.", yes: "Ask again", body }));
    entry.settle.addEventListener("click", () => confirm({
      action: "settle", needsReason: true, asksExecution: true, title: `Settle ${order.clientOrderId}?`,
      text: () => `${!entry.root.isConnected ? "It is settled meanwhile. " : entry.item.state === "Searching" ? `The search still runs: ${searching(entry.item)} ` : ""}Look the order up at the exchange first. Whoever waits for it is told your word, and a wrong one can double the order or lose it.`, yes: "Settle the order", body,
    }));
    buttons.append(entry.ask, entry.settle);
    entry.root.append(entry.title, entry.id, entry.since, entry.state, entry.details, buttons);
    entry.lines = 0;
    entry.last = "";
    return entry;
  };
  // Questions wait for the address as everything does.
  const addressOpensAt = () => {
    const lanes = live.lanes.filter(lane => lane.lane === "Ip");
    return lanes.length && lanes.every(lane => lane.state === "Held") ? Math.min(...lanes.map(lane => Date.parse(lane.until))) : 0;
  };
  const searching = order => {
    const [opensAt, nextAt] = [addressOpensAt(), Date.parse(order.nextQuestionAt) || 0];
    const askedAt = Math.max(opensAt, nextAt);
    return [
      askedAt <= serverNow() ? "the exchange is being asked now;"
        : opensAt > nextAt ? `the exchange is asked next when the Ip lane opens, at ${clockTime(opensAt)};`
        : `the exchange is asked next at ${clockTime(nextAt)};`,
      // What could be proven already is not, before it is asked for.
      order.provableFrom ? `absence can be proven from ${clockTime(Math.max(Date.parse(order.provableFrom), askedAt))} on.` : "absence can never be proven, only presence.",
    ].join(" ");
  };
  const trailLine = line => {
    const item = make("li");
    const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+Z) (.*)$/s.exec(line);
    if (parts) {
      const time = make("time", "", clockTime(`${parts[1]}T${parts[2]}`));
      time.dateTime = `${parts[1]}T${parts[2]}`;
      item.append(time, plain(parts[3]));
    } else say(item, line);
    return item;
  };
  const updateOrder = (entry, order) => {
    entry.ask.hidden = order.state === "Searching" || order.state === "NobodyToAsk" || order.state === "HeldElsewhere";
    entry.settle.hidden = order.state === "HeldElsewhere";
    say(entry.settle, order.state === "Searching" ? "Settle although the search runs …" : "Settle …");
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
    keyed($("lanes"), live.lanes, laneKey, createLane, updateLane);
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
      const entry = { root: make("li"), text: make("span"), resync: make("button", "small act", "Resync …") };
      entry.resync.type = "button";
      entry.resync.addEventListener("click", () => confirm({ action: "resync", title: `Measure the clock of ${clock.environment} anew?`, text: "One question to the exchange, weight 1, then some more in the background.", yes: "Resync", body: { environment: clock.environment } }));
      entry.root.append(entry.text, entry.resync);
      return entry;
    }, (entry, clock) => say(entry.text, clock.isSynchronised
      ? `${clock.environment}: ${signed(clock.offsetMs)} against this machine, ±${clock.uncertaintyMs} ms, measured ${clock.measurements} ${clock.measurements === 1 ? "time" : "times"}, last at ${clockTime(clock.measuredAt)} exchange time${clock.hasFailed ? "; the last try failed" : ""}`
      : `${clock.environment}: ${clock.hasFailed ? "cannot be measured; requests are stamped by this machine's clock" : "not measured yet"}`));

    say($("identity"), [live.process, live.environments.join(", "), live.accounts.length ? `account ${live.accounts.join(", ")}` : ""].filter(Boolean).join(" · "));
    const alarms = live.contradictions.map(item => ({ key: `c${item.at}${item.clientOrderId}`, text: `${item.kind} ${item.symbol} ${item.clientOrderId} was reported as not executed and is ${item.status} at the exchange. A position may exist that nobody counts.` }));
    if (live.halt) alarms.push({ key: `halt${live.halt.since}${live.halt.reason}`, lacksReason: !live.halt.isExplained, text: `New orders are stopped since ${clockTime(live.halt.since)} by ${live.halt.by}: ${live.halt.reason}. Cancels and closing orders pass. A restart of the program trades again.` });
    if (journalFault()) alarms.push({ key: `j${journalFault()}`, text: `The order journal fails, so orders are refused: ${journalFault()} Queries and cancels go on.` });
    for (const item of live.signingFailures) alarms.push({ key: `s${item.client}${item.since}${item.failure}`, text: `No signed request of ${item.client} has succeeded since ${clockTime(item.since)}: ${item.failure}. ${item.advice}` });
    for (const item of live.unprotected) alarms.push({ key: `u${item.client}${item.why}`, isWarning: true, text: `${item.client} is not protected: ${item.why}.` });
    for (const item of live.refusedReloads) alarms.push({ key: `r${item.client}${item.at}`, isWarning: true, text: `The settings of ${item.client} that were saved at ${clockTime(item.at)} are refused; the last good ones stay in force. The faults stand under Policies in force.` });
    keyed($("alarms"), alarms, alarm => alarm.key, alarm => {
      const entry = { root: make("p", alarm.isWarning ? "alarm warning" : "alarm", alarm.text) };
      if (alarm.lacksReason) {
        const why = make("button", "small act", "Say why …");
        why.type = "button";
        why.addEventListener("click", explain);
        entry.root.append(" ", why);
      }
      return entry;
    }, () => {});
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
    $("members").classList.toggle("old", Boolean(fleet.storeFault));
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
      if (lane.state === "Held" && before !== "Held") said.push(`${lane.lane} lane of ${lane.environment} ${isBanned(lane) ? "banned by the exchange" : "closed"} for ${span(Date.parse(lane.until) - serverNow())} by ${codeName(lane.code)}.`);
      if (lane.state === "Open" && before !== "Open") said.push(`${lane.lane} lane of ${lane.environment} open again.`);
    }
    lanesSaid = new Map([...states].map(([key, lane]) => [key, lane.state]));
    if (doubtSaid !== null && live.inDoubtCount !== doubtSaid) said.push(`${live.inDoubtCount || "No"} ${live.inDoubtCount === 1 ? "order" : "orders"} in doubt.`);
    doubtSaid = live.inDoubtCount;
    if (said.length) say($("spoken"), said.join(" "));
  };

  const exposure = sums => {
    const parts = sums.flatMap(sum => [sum.buys ? `bought ${sum.buys} ${sum.symbol}` : "", sum.sells ? `sold ${sum.sells} ${sum.symbol}` : ""]).filter(Boolean);
    const unsized = sums.reduce((total, sum) => total + sum.unsized, 0);
    const rest = [parts.length > 4 ? `and ${parts.length - 4} more` : "", unsized ? `${unsized} of unknown size` : ""].filter(Boolean);
    return [parts.length ? `may have ${parts.slice(0, 4).join(", ")}` : "", ...rest].filter(Boolean).join(", ");
  };
  // A store that processes share says so of itself.
  const journalFault = () => live.fleet?.storeFault ? null : live.journalFault;
  // The most urgent first: what costs money already, what stops trade, what may cost money, what only waits.
  const troubles = now => {
    const held = live.lanes.filter(lane => lane.state === "Held").sort((a, b) => Date.parse(b.until) - Date.parse(a.until));
    const said = [];
    if (live.contradictions.length) said.push(`${live.contradictions.length} ${live.contradictions.length === 1 ? "order" : "orders"} reported as not executed and seen since`);
    if (live.halt) said.push("New orders are stopped");
    if (live.fleet?.storeFault) said.push("The fleet's store is away");
    if (journalFault()) said.push("The order journal fails: orders are refused");
    for (const silent of live.silentHosts) said.push(`No reply from ${silent.host} since ${clockTime(silent.since)}, for ${span(now - Date.parse(silent.since))}: ${silent.failure}`);
    for (const item of live.signingFailures) said.push(`Signed requests of ${item.client} fail since ${clockTime(item.since)}, for ${span(now - Date.parse(item.since))}: ${item.failure}`);
    if (held.length) {
      // A ban stops cancels too: no other hold is as urgent, however long.
      const worst = held.find(isBanned) ?? held[0];
      const more = `for ${span(Date.parse(worst.until) - now)} more`;
      said.push(isBanned(worst)
        ? `${worst.lane} lane banned by the exchange ${more}, until ${utcTime(worst.bannedUntil)}: nothing leaves, cancels neither (${codeName(worst.code)})`
        : `${worst.lane} lane closed ${more} by ${codeName(worst.code)}`);
    }
    if (held.length > 1) said.push(`${held.length} lanes are closed`);
    const isBad = said.length > 0;
    if (live.inDoubtCount) said.push(`${live.inDoubtCount} ${live.inDoubtCount === 1 ? "order is" : "orders are"} in doubt: ${exposure(live.exposure)}`);
    for (const clock of live.clocks) if (clock.hasFailed) said.push(`The clock of ${clock.environment} cannot be measured`);
    if (live.unprotected.length) said.push(`${live.unprotected.map(item => item.client).join(", ")} ${live.unprotected.length === 1 ? "is" : "are"} not protected`);
    if (live.refusedReloads.length) said.push(`Settings of ${live.refusedReloads.map(item => item.client).join(", ")} are refused`);
    const opening = live.lanes.filter(lane => lane.state === "Probing" || lane.state === "Ramping").length;
    if (!held.length && opening) said.push(`${opening} ${opening === 1 ? "lane is" : "lanes are"} reopening`);
    return { said, isBad };
  };
  const tick = () => {
    if (!lostSince && Date.now() - heardAt > longestSilence) { lose(); connect(); }
    if (lostSince) {
      say($("headline"), `Connection lost since ${clockTime(lostSince)}, for ${span(Date.now() - lostSince)}: what is shown is from then, and trade may go on.`);
      dress($("headline"), "headline bad");
      document.title = "(!) Connection lost – Exchange";
      return;
    }
    if (!live) return;
    const now = serverNow();
    for (const entry of $("lanes").known?.values() ?? []) if (entry.item.state === "Held") say(entry.clock, span(Date.parse(entry.item.until) - now));
    for (const entry of $("doubt").known?.values() ?? []) {
      say(entry.since, `since ${clockTime(entry.item.since)}, for ${span(now - Date.parse(entry.item.since))}, through ${entry.item.client}`);
      const text = searchWords[entry.item.state] ?? searching(entry.item);
      say(entry.state, text[0].toUpperCase() + text.slice(1));
    }
    if ($("dialog").open) say($("dialog-text"), textOf(pending));
    const { said, isBad } = troubles(now);
    say($("headline"), said.length ? said.join(" · ") : "All lanes are open and nothing is in doubt.");
    dress($("headline"), `headline ${isBad ? "bad" : said.length ? "uneasy" : "calm"}`);
    document.title = said.length ? plain(`(!) ${said[0]} – Exchange`) : "Exchange";
  };

  const cell = (label, ...content) => { const element = make("td"); element.dataset.label = label; const inner = make("span"); inner.append(...content.map(part => part instanceof Node ? part : plain(part))); element.append(inner); return element; };
  const story = async (box, id) => {
    box.replaceChildren(make("p", "hint", "Asking …"));
    try {
      const reply = await fetch(`${base}/decisions/${id}`, { credentials: "same-origin" });
      if (!reply.ok) throw new Error(reply.status === 404 ? "It is not kept any more." : `The server answered ${reply.status}.`);
      const detail = await reply.json();
      const steps = make("ol", "trail");
      steps.tabIndex = 0;
      steps.append(...detail.steps.map(step => { const line = make("li"); line.append(make("time", "", `${step.atMs.toLocaleString("en")} ms`), plain(step.text)); return line; }));
      box.replaceChildren(make("p", "advice", detail.advice), ...(detail.message ? [make("p", "hint", `${detail.isOurs ? "Found here" : "The exchange said"}: ${detail.message}`)] : []), steps);
    } catch (fault) { box.replaceChildren(make("p", "fault", fault instanceof TypeError ? "The server cannot be reached." : fault.message)); }
  };
  const rows = new Map();
  const createDecision = item => {
    const entry = { root: make("tr", isFirst ? "" : "fresh"), time: make("span"), request: make("span"), id: make("span", "id"), count: make("b", "tally"), error: make("span"), outcome: make("span", "tag"), said: make("summary"), box: make("div", "story") };
    const details = make("details", "decision");
    details.append(entry.said, entry.box);
    details.addEventListener("toggle", () => { if (details.open) story(entry.box, item.id); });
    const time = cell("Time", entry.time);
    time.classList.add("time");
    entry.root.append(time, cell("Request", entry.request, " ", entry.id), cell("Error", paint(make("i", "mark hued"), errorKey(item)), entry.error, " ", entry.count), cell("Effect", entry.outcome), cell("Decision", details));
    entry.details = details;
    return entry;
  };
  const updateDecision = (entry, item) => {
    const isMany = item.count > 1;
    const [since, at] = [clockTime(item.since), clockTime(item.at)];
    say(entry.time, since === at ? at : `${since} – ${at}`);
    say(entry.request, isMany ? `${item.operation} and others` : item.operation);
    say(entry.id, isMany ? "" : item.clientOrderId ?? "");
    say(entry.error, `${item.code ? `${item.code} ` : ""}${item.error}: ${item.trouble}${item.attempt > 1 && !isMany ? ` (attempt ${item.attempt})` : ""}`);
    say(entry.count, isMany ? `\u00d7 ${item.count.toLocaleString("en")}` : "");
    say(entry.outcome, item.outcome);
    dress(entry.outcome, `tag ${item.execution}`);
    say(entry.said, item.said);
  };
  const showDecisions = decisions => {
    const body = $("decisions");
    $("decisions-none").hidden = true;
    $("decisions-table").hidden = false;
    for (const item of decisions) {
      let entry = rows.get(item.id);
      if (!entry) rows.set(item.id, entry = createDecision(item));
      updateDecision(entry, item);
      // What somebody reads stays where it is.
      if (!entry.root.isConnected || !(entry.details.open || entry.root.contains(document.activeElement))) body.prepend(entry.root);
    }
    while (body.rows.length > 100) body.lastElementChild.remove();
    for (const [id, entry] of rows) if (!entry.root.isConnected) rows.delete(id);
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
    scroll.setAttribute("aria-label", plain(`Policies of ${client.name}`));
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

  const draw = (id, title, render, left = 46) => {
    const host = $(`${id}-chart`);
    const width = Math.max(240, host.clientWidth), height = 150;
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("role", "img");
    const add = (tag, className, attributes, text) => {
      const element = document.createElementNS(ns, tag);
      if (className) element.setAttribute("class", className);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      if (text !== undefined) element.textContent = plain(text);
      svg.append(element);
      return element;
    };
    const end = samples.length ? Date.parse(samples.at(-1).at) : serverNow();
    const start = Math.max(end - memory, Math.min(samples.length ? Date.parse(samples[0].at) : end, end - 120000));
    const right = width - 8, top = 8, bottom = height - 20;
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
    const { summary, valuesAt } = render({ add, frame, x, left, right, bottom, start, end });
    svg.setAttribute("aria-label", `${title}: ${summary}`);
    say($(`${id}-text`), summary);
    host.replaceChildren(svg);
    const cursor = add("line", "cursor", { y1: top, y2: bottom });
    const point = at => {
      host.pointed = at;
      const sample = at === null ? null : samples.reduce((best, other) => best && Math.abs(Date.parse(best.at) - at) <= Math.abs(Date.parse(other.at) - at) ? best : other, null);
      say($(`${id}-read`), sample ? `${clockTime(sample.at)}: ${valuesAt(sample) || "nothing"}` : "");
      for (const end of ["x1", "x2"]) cursor.setAttribute(end, sample ? x(sample.at) : -9);
    };
    svg.addEventListener("pointermove", event => {
      const box = svg.getBoundingClientRect();
      const share = ((event.clientX - box.left) * width / box.width - left) / (right - left);
      point(start + Math.min(1, Math.max(0, share)) * (end - start));
    });
    svg.addEventListener("pointerleave", () => point(null));
    host.onkeydown = event => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!way || !samples.length) return;
      event.preventDefault();
      point(Math.min(end, Math.max(start, (host.pointed ?? end) + way * (end - start) / 60)));
    };
    host.onblur = () => point(null);
    point(host.pointed ?? null);
  };
  const legend = (id, items) => keyed($(`${id}-legend`), items, item => item.text, item => {
    const entry = { root: make("li") };
    entry.mark = make("i");
    entry.root.append(entry.mark, plain(item.text));
    return entry;
  }, (entry, item) => { dress(entry.mark, item.mark); if (item.name) paint(entry.mark, item.name); });
  const nice = value => { const step = 10 ** Math.floor(Math.log10(Math.max(1, value))); return Math.max(2, Math.ceil(value / step / .5) * .5 * step); };
  const tens = [1, 2, 3, 6];
  const spans = [...tens.map(n => n * 10), 120, 300, ...tens.map(n => n * 600), ...[2, 4, 6, 12, 24].map(n => n * 3600)].map(seconds => seconds * 1000);
  // A clock that is wrong by more than seconds has the wrong hour as a rule, and an axis of round hours shows that.
  const niceSpan = ms => ms < 10000 ? nice(ms) : spans.find(known => known >= ms) ?? nice(Math.ceil(ms / 86400000)) * 86400000;
  const offset = ms => {
    const seconds = Math.round(Math.abs(ms) / 1000);
    if (Math.abs(ms) < 5000) return short(ms);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds % 3600 / 60)];
    return `${ms > 0 ? "+" : "\u2212"}${hours >= 48 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : hours ? `${hours} h ${minutes} min` : minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`}`;
  };
  const short = value => Math.abs(value) >= 10000 ? `${Math.round(value / 1000)}k` : Number.isInteger(value) ? String(value) : value.toFixed(1);
  const path = points => points.map((point, i) => `${i ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`).join("");

  const drawErrors = () => draw("errors", "Errors by code", ({ add, frame, left, right, start, end }) => {
    const totals = new Map();
    for (const sample of samples) for (const error of sample.errors) {
      const key = errorKey(error);
      const known = totals.get(key) ?? { text: error.code ? `${error.code} ${error.name}` : error.name, code: error.code, count: 0 };
      totals.set(key, { ...known, count: known.count + error.count });
    }
    // The order is that of the codes, and not of how many there were, so that nothing changes places either.
    const keys = [...totals.keys()].sort((a, b) => totals.get(a).code - totals.get(b).code || (a < b ? -1 : 1));
    const buckets = 30, sums = Array.from({ length: buckets }, () => new Map());
    const bucketOf = sample => Math.min(buckets - 1, Math.floor((Date.parse(sample.at) - start) / (end - start) * buckets));
    for (const sample of samples) {
      const sum = sums[bucketOf(sample)];
      if (sum) for (const error of sample.errors) sum.set(errorKey(error), (sum.get(errorKey(error)) ?? 0) + error.count);
    }
    const y = frame(0, nice(Math.max(...sums.map(sum => [...sum.values()].reduce((a, b) => a + b, 0)))), short);
    const step = (right - left) / buckets;
    sums.forEach((sum, i) => {
      let below = 0;
      for (const key of keys) {
        const count = sum.get(key);
        if (!count) continue;
        paint(add("rect", "hued", { x: left + i * step + 1, y: y(below + count), width: Math.max(1, step - 2), height: Math.max(.5, y(below) - y(below + count)) }), key);
        below += count;
      }
    });
    legend("errors", keys.map(key => ({ text: `${totals.get(key).text}: ${totals.get(key).count}`, mark: "hued", name: key })));
    const total = keys.reduce((sum, key) => sum + totals.get(key).count, 0);
    const seconds = Math.max(1, Math.round((end - start) / buckets / 1000));
    return {
      summary: total ? `${total} failed ${total === 1 ? "attempt" : "attempts"} in the time shown; one bar is ${seconds} s` : "No failed attempt in the time shown",
      valuesAt: sample => keys.filter(key => sums[bucketOf(sample)]?.get(key)).map(key => `${totals.get(key).text} ${sums[bucketOf(sample)].get(key)}`).join(", "),
    };
  });

  const series = (of, keyOf, start) => {
    const found = new Map();
    for (const sample of samples) if (Date.parse(sample.at) >= start) for (const item of of(sample)) {
      const key = keyOf(item);
      if (!found.has(key)) found.set(key, []);
      found.get(key).push({ at: sample.at, ...item });
    }
    return [...found];
  };
  const drawWeight = () => draw("weight", "Request weight per minute", ({ add, frame, x, start }) => {
    const keyOf = item => `${item.environment}/${item.key}`;
    const lines = series(sample => sample.weights, keyOf, start);
    const all = lines.flatMap(([, points]) => points);
    const limit = Math.max(0, ...lines.map(([, points]) => points.at(-1).limit ?? 0));
    const used = Math.max(0, ...all.map(point => point.used));
    const y = frame(0, nice(Math.max(limit * 1.05, used)), short);
    for (const [key, points] of lines) paint(add("path", "curve", { d: path(points.map(point => [x(point.at), y(point.used)])) }), key);
    if (limit) add("line", "limit", { x1: 46, x2: x(samples.at(-1).at), y1: y(limit), y2: y(limit) });
    legend("weight", [...lines.map(([key]) => ({ text: key, mark: "hued", name: key })), ...(limit ? [{ text: `limit ${limit.toLocaleString("en")}`, mark: "bl" }] : [])]);
    const valuesAt = sample => sample.weights.map(item => `${keyOf(item)} ${item.used.toLocaleString("en")}`).join(", ");
    if (!all.length) return { summary: "No request has been sent yet", valuesAt };
    const last = lines[0][1].at(-1);
    return { summary: `${last.used.toLocaleString("en")} used in this minute${limit ? ` of ${limit.toLocaleString("en")}, highest ${used.toLocaleString("en")}` : `, highest ${used.toLocaleString("en")}`}`, valuesAt };
  });
  const drawClock = () => draw("clock", "Clock offset", ({ add, frame, x, start }) => {
    const lines = series(sample => sample.clocks, item => item.environment, start);
    const all = lines.flatMap(([, points]) => points);
    const low = Math.min(0, ...all.map(point => point.offsetMs - point.uncertaintyMs)), high = Math.max(0, ...all.map(point => point.offsetMs + point.uncertaintyMs));
    const reach = niceSpan(Math.max(4, Math.abs(low), Math.abs(high)));
    const y = frame(low < 0 ? -reach : 0, high > 0 || low >= 0 ? reach : 0, offset);
    for (const [key, points] of lines) {
      paint(add("path", "band", { d: `${path([...points.map(point => [x(point.at), y(point.offsetMs + point.uncertaintyMs)]), ...points.slice().reverse().map(point => [x(point.at), y(point.offsetMs - point.uncertaintyMs)])])}Z` }), key);
      paint(add("path", "curve", { d: path(points.map(point => [x(point.at), y(point.offsetMs)])) }), key);
    }
    legend("clock", lines.map(([key]) => ({ text: `${key}, ms with uncertainty`, mark: "hued", name: key })));
    const valuesAt = sample => sample.clocks.map(item => `${item.environment} ${signed(item.offsetMs)} \u00b1${item.uncertaintyMs}`).join(", ");
    if (!all.length) return { summary: "No clock has been measured yet", valuesAt };
    const offsets = all.map(point => point.offsetMs);
    return { summary: `Now ${signed(lines[0][1].at(-1).offsetMs)}, between ${signed(Math.min(...offsets))} and ${signed(Math.max(...offsets))} in the time shown`, valuesAt };
  }, 76);

  const perSecond = value => value >= 10 ? value.toFixed(0) : value.toFixed(1);
  const percent = (failed, all) => all ? `${(100 * (all - failed) / all).toFixed(failed && failed < all ? 1 : 0)} % succeed` : "none sent";
  const milliseconds = value => value === null ? "none" : `${value >= 10 ? Math.round(value).toLocaleString("en") : value.toFixed(1)} ms`;
  // What left up to a sample, in a stretch long enough to tell.
  const stretch = (index, count) => {
    const first = Math.max(0, index - count);
    const seconds = Math.max(1, (Date.parse(samples[index].at) - Date.parse(samples[first].at)) / 1000);
    const sum = { requests: 0, orders: 0, failed: 0 };
    for (let i = first + 1; i <= index; i++) for (const name in sum) sum[name] += samples[i].trade[name];
    return { requests: sum.requests / seconds, orders: sum.orders / seconds, share: percent(sum.failed, sum.requests), failed: sum.failed / seconds };
  };
  const drawRate = () => draw("rate", "Requests and orders per second", ({ add, frame, x }) => {
    const points = samples.map((sample, i) => ({ at: sample.at, ...stretch(i, 5) }));
    const y = frame(0, nice(Math.max(...points.map(point => point.requests), 1)), short);
    for (const name of ["requests", "orders"]) paint(add("path", "curve", { d: path(points.map(point => [x(point.at), y(point[name])])) }), name);
    add("path", "curve failed", { d: path(points.map(point => [x(point.at), y(point.failed)])) });
    legend("rate", [{ text: "requests", mark: "hued", name: "requests" }, { text: "orders", mark: "hued", name: "orders" }, { text: "failed", mark: "bl" }]);
    const tell = of => `${perSecond(of.orders)} orders/s, ${perSecond(of.requests)} requests/s, ${of.share}`;
    return { summary: samples.length ? `In the last minute ${tell(stretch(samples.length - 1, 30))}` : "Nothing has been sent yet", valuesAt: sample => tell(stretch(samples.indexOf(sample), 5)) };
  });
  const drawLatency = () => draw("latency", "Time to the reply", ({ add, frame, x }) => {
    const known = samples.filter(sample => sample.trade.p50Ms !== null);
    const y = frame(0, nice(Math.max(...known.map(sample => sample.trade.p99Ms), 1)), short);
    for (const name of ["p50", "p99"]) paint(add("path", "curve", { d: path(known.map(sample => [x(sample.at), y(sample.trade[`${name}Ms`])])) }), name);
    legend("latency", ["p50", "p99"].map(name => ({ text: `${name}, ms`, mark: "hued", name })));
    const tell = sample => `p50 ${milliseconds(sample.trade.p50Ms)}, p99 ${milliseconds(sample.trade.p99Ms)}`;
    const last = samples.at(-1);
    return { summary: last && last.trade.p50Ms !== null ? `In the last minute ${tell(last)}` : "No reply in the last minute", valuesAt: tell };
  });
  const drawAll = () => { drawRate(); drawLatency(); drawErrors(); drawWeight(); drawClock(); };

  // The server speaks at least every five seconds; a line may die without a word.
  const longestSilence = 12000;
  const line = (text, className) => { say($("line"), text); dress($("line"), `line ${className}`); };
  const lose = () => {
    if (lostSince) return;
    lostSince = heardAt;
    document.body.classList.add("lost");
    line("Connection lost; trying again", "off");
    tick();
  };
  let source = null, retry = 0, last = { decision: 0, sample: 0 };
  const connect = (goesOn = false) => {
    clearTimeout(retry);
    source?.close();
    const opened = source = new EventSource(goesOn ? `${base}/events?decision=${last.decision}&sample=${last.sample}` : `${base}/events`);
    const on = (name, heed) => opened.addEventListener(name, event => { if (opened === source) heed(event); });
    on("open", () => {
      if (goesOn) return;
      // The stream begins anew with all that is remembered.
      last = { decision: 0, sample: 0 };
      samples = [];
      rows.clear();
      $("decisions").replaceChildren();
      isFirst = true;
    });
    on("error", () => {
      lose();
      // By itself it would go on where this process may not have begun.
      if (goesOn) opened.close();
      if (opened.readyState === EventSource.CLOSED) retry = setTimeout(() => connect(), 3000);
    });
    // Every minute, so that whether its user may still read is asked again.
    on("renew", () => connect(true));
    on("live", event => {
      const data = JSON.parse(event.data);
      heardAt = Date.now();
      lostSince = null;
      document.body.classList.remove("lost");
      document.body.classList.toggle("reading", !data.mayAct);
      line("Live", "on");
      skew = data.now - Date.now();
      live = data.live;
      showLive();
    });
    on("policies", event => keyed($("clients"), JSON.parse(event.data).clients, client => client.name, createClient, updateClient));
    on("decisions", event => {
      const decisions = JSON.parse(event.data);
      last.decision = decisions.at(-1).number;
      showDecisions(decisions);
    });
    on("samples", event => {
      samples.push(...JSON.parse(event.data));
      last.sample = samples.at(-1).number;
      const oldest = Date.parse(samples.at(-1).at) - memory;
      samples = samples.filter(sample => Date.parse(sample.at) >= oldest);
      drawAll();
    });
  };
  connect();
  setInterval(tick, 250);
  let resizing = 0;
  addEventListener("resize", () => { cancelAnimationFrame(resizing); resizing = requestAnimationFrame(drawAll); });
  drawAll();
})();
