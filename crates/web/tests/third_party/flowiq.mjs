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
    stranger: await refused(getContact("fiq_nobodys", "acme", "27123456789")),
  })
);
