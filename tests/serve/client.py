"""A client of `eigenstep serve` in the standard library alone, and a story that it goes through.

    python3 client.py EIGENSTEP
"""

import json
import subprocess
import sys


class EigenstepError(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]


class Client:
    def __init__(self, program, *flags):
        self.process = subprocess.Popen(
            [program, "serve", *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.id = 0
        self.header = self.receive()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def send(self, **request):
        self.id += 1
        self.process.stdin.write(json.dumps({"id": self.id, **request}) + "\n")
        self.process.stdin.flush()
        return self.id

    def __call__(self, command):
        """Executes a command: its answer, without its kind."""
        sent = self.send(command=command)
        reply = self.receive()
        assert reply["id"] == sent, reply
        if "error" in reply:
            raise EigenstepError(reply["error"])
        answer = reply["answer"]
        return answer if isinstance(answer, str) else next(iter(answer.values()))

    def close(self):
        self.process.stdin.close()
        return self.process.wait(timeout=60)


def story(program):
    run = Client(program, "--rule", "momentum", "--set", "eta=0.175*eta_opt")
    assert run.header["eigenstep"] == 1, run.header

    stop = run("break alpha[2] > 0")
    assert (stop["id"], stop["kind"]) == (1, "break"), stop
    stopped = run("continue")
    (hit,) = stopped["why"]["hits"]
    assert hit == {"id": 1, "became_true": "alpha[2] > 0"}, stopped
    assert run("print alpha[2]")["value"] > 0

    element = run("explain m")["elements"][0]
    assert element["value"] == run("print m[1]")["value"]

    # Something is wrong, and the dialogue goes on.
    for command, code in [("stepp", "unknown-command"), ("print los", "unknown-name")]:
        try:
            run(command)
            raise AssertionError(command)
        except EigenstepError as error:
            assert error.code == code, (command, error.code)

    t = stopped["t"]
    forked = run("fork half")
    assert forked == {"lane": "half", "from": "momentum", "t": t}, forked
    assert run("set beta=0.5")["new"] == 0.5
    run("disable 1")
    stopped = run("step 20")
    assert (stopped["lane"], stopped["t"], stopped["why"]) == ("half", t + 20, "done"), stopped
    lanes = {lane["name"]: lane for lane in run("info lanes")}
    assert set(lanes) == {"momentum", "half"} and lanes["half"]["focus"], lanes
    assert lanes["half"]["loss"] != lanes["momentum"]["loss"]
    origins = {setting["name"]: setting["origin"] for setting in run("info settings")}
    assert origins["beta"] == {"edit": {"t": t}}, origins

    # A run without an end is interrupted by a second request.
    run("delete all")
    run("set bound=off")
    endless = run.send(command="goto 100000000000000")
    asked = run.send(interrupt=endless)
    replies = {reply["id"]: reply for reply in (run.receive(), run.receive())}
    assert replies[endless]["answer"]["stopped"]["why"] == "interrupted", replies
    assert replies[asked]["interrupted"] == endless, replies

    assert run("goto 5")["t"] == 5
    assert run("quit") == "quit"
    assert run.close() == 0
    print("done")


if __name__ == "__main__":
    story(sys.argv[1])
