"""A kommun's data folder, and the commands of its month, each measured."""

import json
import os
import shutil
import subprocess

import measure

OFFICIALS = ("granskning", "beslut")
# Exit code 1 says: done, but a person must look (rows are held).
DONE = (0, 1)


class Kommun:
    """Runs the program in a data folder; what it says goes to log files beside the folder."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    @classmethod
    def make(cls, program, folder, data, first_month, keys):
        """A new kommun with the amounts in `data`, which earns from its first month on, and two officials who attest."""
        kommun = cls(program, folder)
        kommun.plain("init", folder)
        os.chmod(folder, 0o700)
        rules = os.path.join(folder, "config", "regelverk")
        shutil.copy(os.path.join(data, "regelverk.toml"), os.path.join(rules, "bench.toml"))
        kommun.set_line(os.path.join(rules, "lonekalender.toml"), "forsta_manad", f'"{first_month}"')
        # Cpu is what is limited and measured; on a busy machine a workbook may wait long for it.
        kommun.set_line(os.path.join(folder, "config", "arvode.toml"), "wall_ms", "600000")
        with open(os.path.join(folder, "config", "attestforteckning.toml"), "a", encoding="utf-8") as file:
            file.writelines(official(role, keys) for role in OFFICIALS)
        kommun.keys = keys
        return kommun

    @staticmethod
    def set_line(path, key, value):
        with open(path, encoding="utf-8") as file:
            lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in file.read().splitlines()]
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def copy(self, folder):
        """The same kommun, to be used once."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        copied = Kommun(self.program, folder)
        copied.keys = self.keys
        return copied

    def plain(self, *words):
        """Not measured."""
        measure.run([self.program, *words], f"{self.folder}.log")

    def run(self, *words, allowed=DONE):
        return measure.run([self.program, "--data", self.folder, *words], f"{self.folder}.log", allowed)

    def bring(self, path):
        """Imports a workbook: the cost, and how its rows ended."""
        cost = self.run("import", path, "--json")
        with open(f"{self.folder}.log", encoding="utf-8") as file:
            told = json.load(file)["files"][0]
        if told["state"] not in ("imported", "unchanged"):
            raise measure.Failed(f"{path} was not imported: {told['state']}")
        return cost, told

    def freeze(self, payout):
        return self.run("month", payout, "--freeze", "--yes")

    def send(self, batch):
        """Attested by both officials and exported: (step, cost)."""
        for role in OFFICIALS:
            yield f"attest {role}", self.run("attest", "sign", batch, "--role", role, "--key", os.path.join(self.keys, role))
        yield "export", self.run("export", batch)

    def exported(self, batch):
        return os.path.join(self.folder, "out", f"paxml-{batch.replace('/', '-')}.xml")

    def add_rules(self, path):
        shutil.copy(path, os.path.join(self.folder, "config", "regelverk", os.path.basename(path)))

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def make_keys(folder):
    os.makedirs(folder, exist_ok=True)
    for role in OFFICIALS:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", role, "-f", os.path.join(folder, role)], check=True)
    return folder


def official(role, keys):
    with open(os.path.join(keys, f"{role}.pub"), encoding="ascii") as file:
        key = file.read().strip()
    return (f'[[person]]\nid = "{role}"\nname = "{role}"\nemail = "{role}@kommunen.example"\nkey = "{key}"\nroles = ["{role}"]\n'
            'ansvar = ["*"]\nmax_belopp = 100000000000\nfrom = 2026-01-01\nkind = "ordinarie"\ndecision = "KS 1"\n')
