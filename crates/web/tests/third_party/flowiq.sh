# The vendor's curl examples. Only address and key are put in by whoever runs this.
set -e
curl -sS --fail-with-body --request POST \
  --url https://api.flowiq.live/send-whatsapp \
  --header 'Authorization: Bearer fiq_YOUR_API_KEY' \
  --header 'Content-Type: application/json' \
  --data '
{
  "phone_number": "+27123456789",
  "message_type": "text",
  "text": "Hello! This is a test message."
}
'
echo
curl -sS --fail-with-body -X POST "https://api.flowiq.live/send-whatsapp" \
  -H "Authorization: Bearer fiq_YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "phone_number": "+27123456789",
    "message_type": "contacts",
    "contacts": [
      {
        "name": { "formatted_name": "John Doe", "first_name": "John", "last_name": "Doe" },
        "phones": [{ "phone": "+27987654321", "type": "CELL" }]
      }
    ]
  }'
echo
curl -sS --fail-with-body -X GET "https://api.flowiq.live/contact?tenantId=your-org&phone_number=27123456789" \
  -H "Authorization: Bearer fiq_YOUR_API_KEY"
echo
curl -sS --fail-with-body -X POST "https://api.flowiq.live/send-template" \
  -H "Authorization: Bearer fiq_YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{ "templateName": "hello_world", "whatsappNumber": "+27123456789" }'
echo
curl -sS --fail-with-body -G "https://api.flowiq.live/conversations" \
  --data-urlencode "action=conversation-messages" \
  --data-urlencode "whatsappNumber=+27123456789" \
  --data-urlencode "limit=10" \
  -H "Authorization: Bearer fiq_YOUR_API_KEY"
echo
curl -sS --fail-with-body -X POST "https://api.flowiq.live/set-webhooks" \
  -H "Authorization: Bearer fiq_YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{ "url": "https://hooks.acme.test/fiq", "type": "message_received" }'
