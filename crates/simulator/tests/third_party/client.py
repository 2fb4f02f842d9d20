"""pywa, unchanged but for its base URL, against a simulator.

Usage: client.py SIMULATOR_URL

Ends with status 0 when everything went as pywa expects of Meta, else with a traceback.
"""

import queue
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from pywa import WhatsApp, errors, filters, types, utils
from pywa.types import templates

SIMULATOR = sys.argv[1].rstrip("/")
LINE, ACCOUNT, APP = "106540352242922", "102290129340398", "670843887433847"
SECRET, WORD = "a secret of the app", "a word that both know"
FRIEND = "+27821112233"
# One pixel.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)

session = httpx.Client(trust_env=False)
wa = WhatsApp(
    phone_id=LINE,
    token="any",
    session=session,
    waba_id=ACCOUNT,
    app_id=APP,
    app_secret=SECRET,
    verify_token=WORD,
)
session.base_url = f"{SIMULATOR}/v{wa.api_version if hasattr(wa, 'api_version') else '25.0'}"

control = httpx.Client(base_url=SIMULATOR, trust_env=False)
came: "queue.Queue[object]" = queue.Queue()
refused: "queue.Queue[int]" = queue.Queue()
raw: "queue.Queue[dict]" = queue.Queue()


def keep_statuses(_, update):
    for entry in update["entry"]:
        for change in entry["changes"]:
            for status in change["value"].get("statuses", []):
                raw.put(status)



class Webhooks(BaseHTTPRequestHandler):
    """Hands what comes to pywa, as its documentation says for other servers."""

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        text, status = wa.webhook_challenge_handler(
            vt=query[utils.HUB_VT][0], ch=query[utils.HUB_CH][0]
        )
        self.answer(status, text)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        failure = wa.webhook_update_validator(body, self.headers[utils.HUB_SIG])
        if failure:
            refused.put(failure[1])
            # Not what pywa would answer, so that it does not come again.
            return self.answer(200, "")
        text, status = wa.webhook_update_handler(body)
        self.answer(status, text)

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


wa.on_raw_update()(keep_statuses)
wa.on_message()(lambda _, update: came.put(update))
wa.on_callback_button()(lambda _, update: came.put(update))
wa.on_callback_selection()(lambda _, update: came.put(update))
wa.on_message_status()(lambda _, update: came.put(update))
wa.on_phone_number_change()(lambda _, update: came.put(update))
wa.on_template_status_update()(lambda _, update: came.put(update))


def next_update(kind):
    update = came.get(timeout=20)
    assert isinstance(update, kind), update
    return update


def statuses(sent):
    """Waits for what becomes of a message."""
    found = {}
    while len(found) < 2:
        update = next_update(types.MessageStatus)
        assert update.id == sent.id, (update, sent)
        found[update.status] = update
    return found


def write(message):
    """Lets the friend write."""
    answer = control.post(
        "/simulator/messages", json={"phone_number_id": LINE, "from": FRIEND, **message}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["messages"][0]["id"]


def register(port):
    token = wa.api.get_app_access_token(client_id=int(APP), client_secret=SECRET)
    assert wa.set_app_callback_url(
        app_id=int(APP),
        app_access_token=token["access_token"],
        callback_url=f"http://127.0.0.1:{port}/",
        verify_token=WORD,
        fields=("messages", "message_template_status_update"),
    )
    try:
        wa.set_app_callback_url(
            app_id=int(APP),
            app_access_token=token["access_token"],
            callback_url=f"http://127.0.0.1:{port}/",
            verify_token="another word",
            fields=("messages",),
        )
    except errors.WhatsAppError:
        pass
    else:
        raise AssertionError("a wrong word passed the handshake")


def send_every_kind():
    buttons = [types.Button("Yes", "yes"), types.Button("No", "no")]
    rows = types.SectionList(
        "Open",
        [types.Section("First", [types.SectionRow("One", "1", "The first")])],
    )
    card = types.Contact(
        name=types.Contact.Name(formatted_name="Ada L", first_name="Ada"),
        phones=[types.Contact.Phone(phone="+27821112233", type="CELL")],
    )
    document = b"%PDF-1.4 a document"
    media = wa.upload_media(PICTURE, mime_type="image/png", filename="a.png")
    sends = [
        lambda: wa.send_message(FRIEND, "Olá 👋", tracker="our 17"),
        lambda: wa.send_message(FRIEND, "See https://x.example", preview_url=True),
        lambda: wa.send_message(FRIEND, "Well?", header="h", footer="f", buttons=buttons),
        lambda: wa.send_message(FRIEND, "Which?", buttons=rows),
        lambda: wa.send_message(
            FRIEND, "Look", buttons=types.URLButton("Open", "https://x.example")
        ),
        lambda: wa.send_image(FRIEND, media, caption="c"),
        lambda: wa.send_image(FRIEND, PICTURE, mime_type="image/png", buttons=buttons, caption="c"),
        lambda: wa.send_video(FRIEND, "https://x.example/a.mp4"),
        lambda: wa.send_audio(FRIEND, b"OggS", mime_type="audio/ogg"),
        lambda: wa.send_document(
            FRIEND, document, filename="a.pdf", mime_type="application/pdf"
        ),
        lambda: wa.send_sticker(FRIEND, b"RIFF....WEBP", mime_type="image/webp"),
        lambda: wa.send_location(FRIEND, -33.9, 18.4, name="n", address="a"),
        lambda: wa.request_location(FRIEND, "Where?"),
        lambda: wa.send_contact(FRIEND, card),
        lambda: wa.send_template(FRIEND, "hello_world", templates.TemplateLanguage.ENGLISH_US),
        lambda: wa.send_template(
            FRIEND,
            "appointment_reminder",
            templates.TemplateLanguage.ENGLISH_US,
            params=[
                templates.HeaderText.params(first_name="Ada"),
                templates.BodyText.params(first_name="Ada", day="Monday"),
            ],
        ),
        lambda: wa.send_template(
            FRIEND,
            "order_confirmation",
            templates.TemplateLanguage.ENGLISH_US,
            params=[
                templates.BodyText.params("Ada", "17"),
                templates.URLButton.params(url_variable="17", index=0),
            ],
        ),
    ]
    for send in sends:
        sent = send()
        found = statuses(sent)
        assert set(found) == {types.MessageStatusType.SENT, types.MessageStatusType.DELIVERED}
        last = sent
    reaction = wa.send_reaction(FRIEND, "👍", last.id)
    update = next_update(types.MessageStatus)
    assert (update.id, update.status) == (reaction.id, types.MessageStatusType.SENT)


def files():
    media = wa.upload_media(PICTURE, mime_type="image/png", filename="a.png")
    where = wa.get_media_url(media.id)
    assert (where.mime_type, where.file_size) == ("image/png", len(PICTURE)), where
    assert wa.get_media_bytes(url=where.url) == PICTURE
    assert wa.delete_media(media.id)
    for call in (lambda: wa.get_media_url(media.id), lambda: wa.send_image(FRIEND, media)):
        try:
            call()
        except errors.WhatsAppError as error:
            assert error.code == 100, error
        else:
            raise AssertionError("a deleted file is still there")


def list_templates():
    listed = wa.get_templates(pagination=types.Pagination(limit=2))
    names = [it.name for it in listed]
    while listed.has_next:
        # Its own `next()` does not work on templates.
        page = types.Pagination(limit=2, after=listed.after)
        listed = wa.get_templates(pagination=page)
        names += [it.name for it in listed]
    assert names[0] == "hello_world" and len(names) == listed.total_count, names
    created = wa.create_template(
        templates.Template(
            name="a_new_one",
            language=templates.TemplateLanguage.ENGLISH_US,
            category=templates.TemplateCategory.UTILITY,
            components=[templates.BodyText("Hello {{1}}, it is ready.", "Ada")],
        )
    )
    update = next_update(types.templates.TemplateStatusUpdate)
    assert update.template_name == "a_new_one", update
    assert wa.get_template(created.id).status == templates.TemplateStatus.APPROVED
    assert wa.delete_template("a_new_one")


def refusals():
    for expected, call in [
        (errors.ReEngagementMessage, None),
        (errors.TemplateNotExists, lambda: wa.send_template(
            FRIEND, "nothing", templates.TemplateLanguage.ENGLISH_US, params=[])),
        (errors.TemplateParamCountMismatch, lambda: wa.send_template(
            FRIEND, "order_confirmation", templates.TemplateLanguage.ENGLISH_US, params=[])),
    ]:
        if call is None:
            answer = control.post("/simulator/faults", json={"kind": "refuse", "code": 131047})
            assert answer.status_code == 200, answer.text
            call = lambda: wa.send_message(FRIEND, "b")  # noqa: E731
        try:
            call()
        except expected:
            pass
        else:
            raise AssertionError(f"{expected} was not raised")
    # And one that comes late.
    control.post("/simulator/faults", json={"kind": "fail", "code": 131049})
    sent = wa.send_message(FRIEND, "b")
    # pywa wants `contacts` with every status; Meta documents failures without. So it is read raw.
    while "errors" not in (status := raw.get(timeout=20)):
        pass
    assert (status["id"], status["status"]) == (sent.id, "failed"), status
    assert errors.WhatsAppError.from_dict(status["errors"][0]).code == 131049, status


def hear():
    """What people write, as pywa reads it."""
    sent = wa.send_message(FRIEND, "Well?", buttons=[types.Button("Yes", "yes")])
    statuses(sent)
    id = write({"text": "Olá 👋/é", "name": "Ada"})
    message = next_update(types.Message)
    assert (message.id, message.text) == (id, "Olá 👋/é"), message
    assert message.from_user.wa_id == "27821112233" and message.from_user.name == "Ada", message
    assert wa.mark_message_as_read(id)
    assert wa.indicate_typing(id)

    for kind in ("image", "video", "audio", "document", "sticker"):
        object = {"filename": "a.pdf"} if kind == "document" else {}
        write({"type": kind, kind: object})
        message = next_update(types.Message)
        media = getattr(message, kind)
        assert message.type == kind and media.id, message
        assert wa.get_media_bytes(url=media.get_media_url()) == f"a simulated {kind}".encode()

    write({"location": {"latitude": -33.9, "longitude": 18.4}})
    assert next_update(types.Message).location.latitude == -33.9
    write({"reaction": {"message_id": sent.id, "emoji": "❤"}})
    assert next_update(types.Message).reaction.emoji == "❤"
    write({"contacts": [{"name": {"formatted_name": "B", "first_name": "B"}}]})
    assert next_update(types.Message).contacts[0].name.formatted_name == "B"
    write({"text": "an answer", "context": {"message_id": sent.id}})
    assert next_update(types.Message).reply_to_message.message_id == sent.id
    reply = {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}}
    write({"interactive": reply, "context": {"message_id": sent.id}})
    assert next_update(types.CallbackButton).data == "yes"
    reply = {"type": "list_reply", "list_reply": {"id": "1", "title": "One"}}
    write({"interactive": reply, "context": {"message_id": sent.id}})
    assert next_update(types.CallbackSelection).data == "1"

    given = {"payload": {"object": "x"}, "signature": "sha256=" + "0" * 64}
    assert control.post("/simulator/webhooks", json=given).status_code == 200
    assert refused.get(timeout=20) == 403


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhooks)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    register(server.server_port)
    number = wa.get_business_phone_number()
    assert number.id == LINE, number
    for step in (files, list_templates, send_every_kind, refusals, hear):
        step()
        print(f"{step.__name__}: as pywa expects", flush=True)
    assert came.empty(), came.get()
    server.shutdown()


main()
