"""The diglot binary: texts in, records or lines out."""
import json
import pathlib
import subprocess
import tempfile


class Diglot:
    def __init__(self, path, threads):
        self.path, self.threads = path, str(threads)

    def _call(self, arguments, text=""):
        done = subprocess.run([self.path, *arguments], input=text, text=True, check=True, stdout=subprocess.PIPE)
        return [json.loads(line) for line in done.stdout.split("\n") if line]

    def records(self, texts, translate=False):
        """The record of each text, without entities."""
        rows = "".join(json.dumps({"id": str(at), "text": text}) + "\n" for at, text in enumerate(texts))
        options = ["--no-entities", "--quiet", "--threads", self.threads] + ([] if translate else ["--no-translation"])
        records = self._call(["run", "--input-format", "jsonl", *options, "-"], rows)
        if len(records) != len(texts) or any(record["errors"] for record in records):
            raise SystemExit(f"expected {len(texts)} records without errors, found {len(records)}")
        return records

    def languages(self, lines):
        """(language, confidence) of each line by itself."""
        found = self._call(["detect", "--json"], "".join(line + "\n" for line in lines))
        if len(found) != len(lines):
            raise SystemExit(f"expected {len(lines)} languages, found {len(found)}")
        return [(row["language"], row["confidence"]) for row in found]

    def links(self, french, english):
        """(indexes of French lines, indexes of English lines) of each link."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, name) for name in ("fr", "en")]
            for path, lines in zip(paths, (french, english)):
                path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
            return [(row["source"], row["target"]) for row in self._call(["align", "--json", *map(str, paths)])]
