# A model for real agents: it has the agent run what a prompt says behind "in the shell:", and says what came of
# it. Anthropic's messages (docs.anthropic.com, streaming) and OpenAI's responses, each as its own
# program asks for them; nginx has their names and certificates. What is asked goes to a log, a JSON
# document a line.
#
# usage: model.py PORT LOG
import gzip
import http.server
import json
import re
import sys


def texts(content):
    """The texts of a message's content, which is one, or a list of parts."""
    if isinstance(content, str):
        return [content]
    return [part.get("text", "") for part in content if isinstance(part, dict)]


def result(value):
    """What a tool said, on one line."""
    return "it said: " + " ".join("".join(texts(value)).split())[:1500]


def command(messages):
    """What the last prompt wants run."""
    for message in reversed(messages):
        for text in reversed(texts(message.get("content") or [])):
            if found := re.search(r"in the shell: (.+)", text):
                return found[1].strip()
    return None


def reply(text):
    """An answer of words: a name for who asks for one."""
    return "hold-the-wall" if "Name the work session" in text else "at your service"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(404, b'{"error": {"type": "not_found_error", "message": "no such thing"}}')

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        octets = self.rfile.read(length)
        if self.headers.get("Content-Encoding") == "gzip":
            octets = gzip.decompress(octets)
        try:
            request = json.loads(octets)
        except ValueError:
            return self.do_GET()
        with open(sys.argv[2], "a") as log:
            sender = self.headers.get("Authorization") or self.headers.get("x-api-key") or ""
            log.write(json.dumps({"path": self.path, "sender": sender, "body": request}) + "\n")
        path = self.path.split("?")[0]
        if path == "/v1/messages":
            self.to_messages(request)
        elif path == "/v1/responses":
            self.to_responses(request)
        else:
            self.do_GET()

    def to_messages(self, request):
        messages = request["messages"]
        # Of this turn: reminders may come behind what a tool said.
        turn = max((place for place, message in enumerate(messages)
                    if message["role"] == "assistant"), default=-1) + 1
        parts = [part for message in messages[turn:] if isinstance(message["content"], list)
                 for part in message["content"]]
        results = [part for part in parts if part.get("type") == "tool_result"]
        wanted = command(messages[turn:])
        if results:
            block = {"type": "text", "text": result(results[-1].get("content", ""))}
        elif wanted and any(tool.get("name") == "Bash" for tool in request.get("tools", [])):
            block = {"type": "tool_use", "id": "toolu_1", "name": "Bash",
                     "input": {"command": wanted, "description": "Do as told"}}
        else:
            block = {"type": "text", "text": reply(json.dumps(request))}
        stop = "tool_use" if block["type"] == "tool_use" else "end_turn"
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"],
                   "content": [], "stop_reason": None, "stop_sequence": None,
                   "usage": {"input_tokens": 10, "output_tokens": 1}}
        if not request.get("stream"):
            return self.answer(200, json.dumps(
                message | {"content": [block], "stop_reason": stop}).encode())
        if stop == "tool_use":
            start = block | {"input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        else:
            start = block | {"text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        self.stream([
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": start},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None},
             "usage": {"output_tokens": 5}},
            {"type": "message_stop"},
        ])

    def to_responses(self, request):
        items = request["input"]
        # Its one tool is a program in JavaScript, which has the others.
        tools = any(item.get("type") == "additional_tools" for item in items)
        outputs = [item for item in items if item.get("type", "").endswith("_call_output")]
        wanted = command(items)
        if outputs:
            item = self.said(result(outputs[-1].get("output", "")))
        elif wanted and tools:
            code = f"text((await tools.exec_command({json.dumps({'cmd': wanted})})).output)"
            item = {"type": "custom_tool_call", "call_id": "call_1", "namespace": "functions",
                    "name": "exec", "input": code}
        else:
            item = self.said(reply(json.dumps(request)))
        usage = {"input_tokens": 0, "input_tokens_details": None, "output_tokens": 0,
                 "output_tokens_details": None, "total_tokens": 0}
        self.stream([
            {"type": "response.created", "response": {"id": "resp_1"}},
            {"type": "response.output_item.done", "item": item},
            {"type": "response.completed", "response": {"id": "resp_1", "usage": usage}},
        ])

    @staticmethod
    def said(text):
        return {"type": "message", "role": "assistant", "id": "msg_1",
                "content": [{"type": "output_text", "text": text}]}

    def stream(self, events):
        octets = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        self.answer(200, octets.encode(), "text/event-stream")

    def answer(self, code, octets, kind="application/json"):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
