// What a client of FlowIQ does, with the vendor's own way of calling it. Only address and key are put
// in by whoever runs this.

async function createContact(apiKey, contact) {
  const response = await fetch(
    `https://api.flowiq.live/contact`,
    {
      method: "POST",
      headers: {
        Authorization: `Bearer ${apiKey}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(contact),
    }
  );
  const data = await response.json();
  if (!response.ok) throw new Error(data.message);
  return data;
}

async function getContact(apiKey, tenantId, phoneNumber) {
  const url = new URL("https://api.flowiq.live/contact");
  url.searchParams.set("tenantId", tenantId);
  url.searchParams.set("phone_number", phoneNumber);

  const response = await fetch(url.toString(), {
    headers: { Authorization: `Bearer ${apiKey}` },
  });

  const data = await response.json();
  if (!response.ok) throw new Error(data.message);
  return data.contact;
}

async function sendContactCard(apiKey, phoneNumber, contacts) {
  const response = await fetch(
    `https://api.flowiq.live/send-whatsapp`,
    {
      method: "POST",
      headers: {
        Authorization: `Bearer ${apiKey}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ phone_number: phoneNumber, message_type: "contacts", contacts }),
    }
  );
  const data = await response.json();
  if (!response.ok) throw new Error(data.message);
  return data;
}

async function post(apiKey, path, body) {
  const response = await fetch(`https://api.flowiq.live${path}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${apiKey}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(body),
  });
  const data = await response.json();
  if (!response.ok) throw new Error(data.message);
  return data;
}

async function getMessages(apiKey, whatsappNumber, { page = 1, limit = 10 } = {}) {
  const params = new URLSearchParams({
    action: "conversation-messages",
    whatsappNumber,
    page: String(page),
    limit: String(limit),
  });
  const response = await fetch(`https://api.flowiq.live/conversations?${params}`, {
    headers: { Authorization: `Bearer ${apiKey}` },
  });
  const data = await response.json();
  if (!response.ok) throw new Error(data.message ?? data.error);
  return data;
}

// Reads page after page until the answer says that there is none.
async function allMessages(apiKey, whatsappNumber) {
  const all = [];
  for (let page = 1; ; page += 1) {
    const data = await getMessages(apiKey, whatsappNumber, { page, limit: 1 });
    all.push(...data.messages);
    if (!data.pagination.hasNextPage) return all;
  }
}

async function findByPhone(apiKey, phone) {
  const params = new URLSearchParams({ action: "find-by-phone", phoneNumber: phone });
  const response = await fetch(`https://api.flowiq.live/conversations?${params}`, {
    headers: { Authorization: `Bearer ${apiKey}` },
  });
  const data = await response.json();
  if (!response.ok) throw new Error(data.error);
  return data.contact;
}

const sendTemplate = (apiKey, template) => post(apiKey, "/send-template", template);
const setWebhook = (apiKey, webhook) => post(apiKey, "/set-webhooks", webhook);

const key = "fiq_YOUR_API_KEY";
const refused = async (call) => call.then(() => "no error", (error) => error.message);
const contact = { phone_number: "+27 12 345 6789", name: "John Doe", tags: "customer,premium" };
const cards = [
  {
    name: { formatted_name: "John Doe", first_name: "John", last_name: "Doe" },
    phones: [{ phone: "+27987654321", type: "CELL" }],
  },
];

console.log(
  JSON.stringify({
    unknown: await refused(getContact(key, "acme", "27123456789")),
    early: await refused(sendContactCard(key, "+27123456789", cards)),
    made: await createContact(key, contact),
    again: await refused(createContact(key, contact)),
    found: await getContact(key, "acme", "+27123456789"),
    sent: await sendContactCard(key, "+27123456789", cards),
    empty: await refused(sendContactCard(key, "+27123456789", [])),
    template: await sendTemplate(key, {
      templateName: "order_confirmation",
      whatsappNumber: "+27 12 345 6789",
      bodyParameters: { 1: "{{first_name}}", 2: "860198" },
      buttonParameters: { 1: "860198" },
    }),
    newcomer: await sendTemplate(key, {
      templateName: "appointment_reminder",
      whatsappNumber: "0821112233",
      bodyParameters: { name: "Thandi Nkosi", first_name: "{{first_name}}", day: "Monday" },
    }),
    nameless: await refused(
      sendTemplate(key, { templateName: "hello_world", whatsappNumber: "+27829990001" })
    ),
    messages: await allMessages(key, "27123456789"),
    who: await findByPhone(key, "+27 82 111 2233"),
    nobody: await refused(findByPhone(key, "+27829990001")),
    webhook: await setWebhook(key, { url: "https://hooks.acme.test/fiq", type: "all" }),
    plain: await refused(setWebhook(key, { url: "http://hooks.acme.test/fiq", type: "all" })),
    stranger: await refused(getContact("fiq_nobodys", "acme", "27123456789")),
  })
);
