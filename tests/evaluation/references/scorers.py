#!/usr/bin/env python3
"""Every scorer on 10,000 seeded strings, compared with references written from the published
definitions (docs/judges.md names them).

    scorers.py build/release/tests/evaluation/judge_lines [--seed N] [--count N] [--only NAME]

Prints each disagreement and exits 1 if there is one; a seed that fails, fails again.
"""
import argparse
import json
import math
import random
import re
import string
import subprocess
import sys
import zlib
from itertools import permutations

# -- references ------------------------------------------------------------------------------------


def exact(answer, targets, ignore_case=False, ignore_punctuation=False, ignore_numbers=False,
          regexes_to_ignore=()):
    """lm-evaluation-harness, exact_match: patterns, lower, punctuation, digits; then equality."""
    def normal(text):
        for pattern in regexes_to_ignore:
            text = re.sub(pattern, "", text)
        if ignore_case:
            text = text.lower()
        if ignore_punctuation:
            text = text.translate(str.maketrans("", "", string.punctuation))
        if ignore_numbers:
            text = text.translate(str.maketrans("", "", string.digits))
        return text
    return float(any(normal(answer) == normal(target) for target in targets))


def harness_regex(pattern, text, select):
    """RegexFilter: findall, one match, of several groups the first that is not empty."""
    found = re.findall(pattern, text)
    if not found:
        return None
    match = found[select]
    if isinstance(match, tuple):
        match = next((group for group in match if group), None)
        if match is None:
            return None
    return match.strip()


def gsm8k(pattern, select):
    def score(answer, targets):
        got = harness_regex(pattern, answer, select)
        return exact("[invalid]" if got is None else got, targets, ignore_case=True,
                     regexes_to_ignore=[",", r"\$", r"(?s).*#### ", r"\.$"])
    return score


gsm8k_strict = gsm8k(r"#### (\-?[0-9\.\,]+)", 0)
gsm8k_flexible = gsm8k(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", -1)


def squad_normal(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_em(answer, targets):
    return float(any(squad_normal(answer) == squad_normal(target) for target in targets))


def squad_f1(answer, targets):
    def one(target):
        got, gold = squad_normal(answer).split(), squad_normal(target).split()
        left, common = list(gold), 0
        for word in got:
            if word in left:
                left.remove(word)
                common += 1
        if common == 0:
            return 0.0
        precision, recall = common / len(got), common / len(gold)
        return 2 * precision * recall / (precision + recall)
    return max(one(target) for target in targets)


def answer_line(text, last):
    found = re.findall(r"(?i)Answer\s*:\s*([^\n]+)", text)
    return found[-1 if last else 0] if found else text


def is_float(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def drop_bag(span):
    parts = []
    for token in re.split(" |-", span):
        token = token.lower()
        if not is_float(token):
            token = "".join(c for c in token if c not in string.punctuation)
        if is_float(token):
            token = str(float(token))
        token = " ".join(re.sub(r"\b(a|an|the)\b", " ", token).split())
        if token:
            parts.append(token)
    return set(" ".join(parts).split())


def drop_pair(gold, got):
    numbers = {word for word in gold if is_float(word)}
    if numbers and not numbers & {word for word in got if is_float(word)}:
        return 0.0
    common = len(gold & got)
    precision = common / len(got) if got else 1.0
    recall = common / len(gold) if gold else 1.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def spans_of(text):
    """A JSON array of strings is several spans."""
    try:
        value = json.loads(text)
    except ValueError:
        return [text]
    several = isinstance(value, list) and value and all(isinstance(v, str) for v in value)
    return value if several else [text]


def drop(answer, targets):
    got = [drop_bag(span) for span in spans_of(answer_line(answer, last=False))]
    best = 0.0
    for target in targets:
        gold = [drop_bag(span) for span in spans_of(target)]
        if not any(gold):
            continue
        longer, shorter = (gold, got) if len(gold) >= len(got) else (got, gold)
        sums = [sum(drop_pair(*((l, s) if longer is gold else (s, l)))
                    for l, s in zip(order, shorter))
                for order in permutations(longer, len(shorter))]
        best = max(best, round(max(sums) / len(longer), 2))
    return best


def choice(answer, target):
    """Inspect: the last line that begins so, else the last place; one letter and nothing else."""
    strict = re.findall(r"(?im)^ANSWER\s*:\s*([A-Za-z\d ,]+)\s*(?:$|\n|\.)", answer)
    loose = re.findall(r"(?i)ANSWER\s*:\s*([A-Za-z\d ,]+)(?:[^\w]|\n|$|\.)", answer)
    found = strict or loose
    return float(bool(found) and found[-1].strip().upper() == target)


def mmlu_simple(answer, target):
    found = re.search(r"(?i)Answer[ \t]*:[ \t]*\$?([A-D])\$?", answer)
    return float(bool(found) and found.group(1) == target)


SCALES = {"%": 0.01, "percent": 0.01, "thousand": 1e3, "million": 1e6, "mn": 1e6, "billion": 1e9,
          "bn": 1e9, "trillion": 1e12}
NUMBER = re.compile(
    r"(?<![A-Za-z_0-9])(?<![0-9][,.])(?P<minus>(?<![\w)])-)?(?P<currency>[$£€¥])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<exponent>e[+-]?\d{1,2})?"
    r"(?: ?(?P<scale>%|(?:percent|thousand|million|mn|billion|bn|trillion)(?![A-Za-z])))?")


def quantity(text):
    """The last number: (as printed, factor, decimals)."""
    bracketed = re.fullmatch(r"\s*\$?\(\$?([\d,.]+)\)(%?)\s*", text)
    found = None
    for found in NUMBER.finditer(bracketed.group(1) if bracketed else text):
        pass
    if found is None:
        return None
    digits = found["digits"].replace(",", "")
    face = float(digits + (found["exponent"] or ""))
    if found["minus"] or bracketed:
        face = -face
    factor = SCALES[found["scale"]] if found["scale"] else 1.0
    if bracketed and bracketed.group(2):
        factor = 0.01
    decimals = len(digits.partition(".")[2]) - int((found["exponent"] or "e0")[1:])
    return face, factor, decimals


def near(got, gold, slack):
    return abs(got - gold) <= max(slack, 1e-9 * abs(gold))


def numeric(answer, target, tolerance=0.0, relative_tolerance=0.0):
    got, gold = quantity(answer), quantity(target)
    if got is None:
        return 0.0

    def agrees(a, b):
        return near(a, b, max(tolerance, relative_tolerance * abs(b)))
    if agrees(got[0] * got[1], gold[0] * gold[1]):
        return 1.0
    one_unit = (got[1] == 1) != (gold[1] == 1)
    return float(one_unit and agrees(got[0], gold[0]))


def finqa_number(text):
    text = text.replace(",", "")
    if text.endswith("%"):
        return float(text[:-1]) / 100
    if text.startswith("const_"):
        return float(text[6:].replace("m1", "-1"))
    return float(text)


def finqa_program(text, table):
    """FinQA: `op(a, b)` steps; the result of the last, rounded to five places. None: not valid."""
    results = []
    for op, a, b in re.findall(r"(\w+)\(([^,()]*), ([^,()]*)\)", text):
        if op.startswith("table_"):
            row = next((r for r in table if r[0] == a), None)
            if row is None:
                return None
            cells = [float(c.replace("$", "").replace(",", "").split("(")[0]) for c in row[1:]]
            results.append({"max": max, "min": min, "sum": sum,
                            "average": lambda c: sum(c) / len(c)}[op[6:]](cells))
            continue
        x, y = (results[int(v[1:])] if v.startswith("#") else finqa_number(v) for v in (a, b))
        try:
            results.append({"add": lambda: x + y, "subtract": lambda: x - y,
                            "multiply": lambda: x * y, "divide": lambda: x / y,
                            "exp": lambda: x ** y,
                            "greater": lambda: "yes" if x > y else "no"}[op]())
        except (ZeroDivisionError, OverflowError):
            return None
        if isinstance(results[-1], complex):
            return None
    return results[-1] if isinstance(results[-1], str) else round(results[-1], 5)


def finqa(program, gold, table):
    got = finqa_program(program, table)
    if got is None or isinstance(got, str) or isinstance(gold, str):
        return float(got == gold)
    return float(math.isclose(got, round(gold, 5), rel_tol=1e-9))


def docfinqa(answer, target):
    got, gold = quantity(answer_line(answer, last=True)), quantity(target)
    if got is None:
        return 0.0
    value, wanted = got[0] * got[1], gold[0] * gold[1]
    slack = max(0.01 * abs(wanted), 0.5 * 10.0 ** -gold[2] * gold[1])
    if near(value, wanted, slack):
        return 1.0
    if (got[1] == 1) != (gold[1] == 1) and near(got[0], gold[0], slack / gold[1]):
        return 1.0  # one side has a unit: as printed
    return float(wanted != 0 and any(near(value * f, wanted, slack) for f in (100, 0.01)))


def pass_at_k(n, c, k):
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(n - c + 1, n + 1))


# -- strings ---------------------------------------------------------------------------------------

WORDS = ["the", "a", "An", "cat", "Paris", "Straße", "É", "12", "12.0", "3.14", "1,234", "-5", "$7",
         "yes", "no", "U.S.", "twenty-one", "don't", "naïve", "½", "٣", "nan", "1e3", "İ", "ΣΑΣ"]
GLUE = [" ", " ", " ", "  ", "\n", "\t", "-", ", ", ".", "", "\u00a0", "'", "\u2019"]
NOISE = string.ascii_letters + string.digits + string.punctuation + " \n\téßΣ€\u00a0\u2028\U0001d7d9"


def noise(r, most=12):
    return "".join(r.choice(NOISE) for _ in range(r.randrange(most)))


def words(r, most=6):
    return "".join(r.choice(WORDS) + r.choice(GLUE) for _ in range(r.randrange(most)))


def text(r):
    return noise(r) if r.random() < 0.3 else words(r)


def like(r, target):
    """Something that is often nearly the target."""
    kind = r.randrange(6)
    if kind == 0:
        return target
    if kind == 1:
        return target.upper()
    if kind == 2:
        return target + r.choice([".", " ", "!", "\n", " the", "0"])
    if kind == 3 and target:
        at = r.randrange(len(target))
        return target[:at] + r.choice(NOISE) + target[at + 1:]
    return text(r)


def figure(r, scaled=True):
    digits = r.choice([str(r.randrange(10)), str(r.randrange(2000)), f"{r.randrange(10 ** 7):,}",
                       f"{r.uniform(0, 100):.{r.randrange(1, 5)}f}", f"{r.randrange(1, 999)}e{r.randrange(1, 6)}"])
    sign = r.choice(["", "", "", "-", "$", "-$", "€"])
    unit = r.choice(["", "", "", "%", " %", " percent", " million", " thousand", " bn"])
    return sign + digits + (unit if scaled else "")


def near_figure(r, target):
    """A figure close to that of the target, or a new one."""
    got = quantity(target)
    if got is None or r.random() < 0.3:
        return figure(r)
    value = got[0] * r.choice([1, 1, 1.001, 0.995, 1.02, 100, 0.01, -1])
    return f"{value:.{r.randrange(0, 6)}f}" + r.choice(["", "", "%", " million"])


def around_figure(r, value):
    before = r.choice(["", "It is ", "Q3 revenue: ", "about 7 then ", "Answer: ", "x\nanswer : "])
    return before + value + r.choice(["", ".", " dollars", "\n", " in Q4"])


FINQA_TABLE = [["sales", "$1,200", "900", "33.5"], ["costs", "10 (a)", "20", "30"]]


def finqa_steps(r):
    steps = []
    for i in range(r.randrange(1, 4)):
        if r.random() < 0.15:
            name = r.choice(["sales", "costs"])
            steps.append(f"table_{r.choice(['max', 'min', 'sum', 'average'])}({name}, none)")
            continue

        def argument():
            if i and r.random() < 0.4:
                return f"#{r.randrange(i)}"
            return r.choice([str(r.randrange(100)), f"{r.uniform(0, 9):.2f}", "12%", "const_100",
                             "const_m1", f"{r.randrange(10 ** 6):,}".replace(",", ""), "0", "-3"])
        op = r.choice(["add", "subtract", "multiply", "divide", "divide", "exp", "greater"])
        if op == "greater" and i + 1 < 3:
            op = "add"
        first, second = argument(), argument()
        if op == "exp":
            second = str(r.randrange(4))
        steps.append(f"{op}({first}, {second})")
    return ", ".join(steps)


# -- cases: what judge_lines gets, and what the reference says -------------------------------------


def case(kind, answer, targets, expected, **more):
    options = more.pop("options", {})
    return {"judge": {"type": kind, **options}, "text": answer, "targets": targets, **more}, expected


def texts(kind, reference, wrap=lambda r, answer: answer):
    def make(r):
        targets = [text(r) for _ in range(r.randrange(1, 4))]
        answer = wrap(r, like(r, r.choice(targets)))
        return case(kind, answer, targets, reference(answer, targets))
    return make


def exact_case(r):
    options = {name: r.random() < 0.5 for name in ("ignore_case", "ignore_punctuation", "ignore_numbers")}
    options["regexes_to_ignore"] = r.sample([",", r"\$", r"\.$", r"(?s).*#### ", r"\s+", r"\d"], r.randrange(3))
    targets = [text(r) for _ in range(r.randrange(1, 4))]
    answer = like(r, r.choice(targets))
    return case("exact", answer, targets, exact(answer, targets, **options), options=options)


def gsm8k_case(kind, reference):
    def make(r):
        number = figure(r, scaled=False)
        target = r.choice(["", "work\n"]) + "#### " + number.lstrip("$€-")
        shown = r.choice([number, number.replace(",", ""), figure(r, scaled=False), noise(r)])
        answer = words(r) + r.choice(["#### ", "####", "The answer is ", "= $", "\n#### -"]) + shown
        answer += r.choice(["", ".", "\n", " eggs...", " (about 3/4)", "\n#### 99"])
        return case(kind, answer, [target], reference(answer, [target]))
    return make


def drop_case(r):
    def target():
        spans = [r.choice([words(r, 4).strip() or "cat", figure(r, False)]) for _ in range(r.randrange(1, 4))]
        return json.dumps(spans, ensure_ascii=False) if len(spans) > 1 else spans[0]
    targets = [t for t in (target() for _ in range(r.randrange(1, 3)))]
    targets = [t for t in targets if any(drop_bag(s) for s in spans_of(t))] or ["cat"]
    answer = r.choice(["", "Answer: ", "so\nanswer : "]) + like(r, r.choice(targets))
    return case("drop", answer, targets, drop(answer, targets))


def choice_case(kind, reference):
    def make(r):
        target = r.choice("ABCD")
        line = r.choice(["ANSWER: ", "Answer:", "answer : ", "ANSWER:  ", "The answer: $", "ANSWER = "])
        body = r.choice([target, target.lower(), r.choice("ABCD"), target + ")", "(" + target + ")",
                         target + " because", "**" + target + "**", target + ", " + target, "Because",
                         target + ".", target + "$"])
        answer = words(r, 3) + r.choice(["", "\n"]) + line + body + r.choice(["", "\n", ".", " x", "\n" + line + r.choice("ABCD")])
        return case(kind, answer, [target], reference(answer, target),
                    choices=["red one", "green two", "blue three", "black four"])
    return make


def numeric_case(r):
    options = {"tolerance": r.choice([0.0, 0.0, 0.5]), "relative_tolerance": r.choice([0.0, 0.01])}
    target = figure(r)
    answer = around_figure(r, near_figure(r, target))
    return case("numeric", answer, [target], numeric(answer, target, **options), options=options)


def docfinqa_case(r):
    target = figure(r, scaled=False) + r.choice(["", "", "%"])
    shown = near_figure(r, target).replace(" million", "")
    answer = around_figure(r, shown)
    return case("docfinqa", answer, [target], docfinqa(answer, target))


def finqa_case(r):
    program = finqa_steps(r)
    gold = finqa_program(program, FINQA_TABLE)
    if gold is None or r.random() < 0.4:
        gold = round(r.uniform(-10, 10), 5)
    answer = r.choice(["", "Answer: ", "I think\nAnswer: "]) + program
    return case("finqa", answer, [str(gold)], finqa(program, gold, FINQA_TABLE),
                fields={"table": json.dumps(FINQA_TABLE)})


def pass_case(r):
    n = r.randrange(2, 40)
    c = r.randrange(n + 1)
    return {"asked": n, "right": c}, [pass_at_k(n, c, k) for k in range(1, n + 1)]


CASES = {
    "exact": exact_case,
    "gsm8k-strict": gsm8k_case("gsm8k-strict", gsm8k_strict),
    "gsm8k-flexible": gsm8k_case("gsm8k-flexible", gsm8k_flexible),
    "squad-em": texts("squad-em", squad_em),
    "squad-f1": texts("squad-f1", squad_f1),
    "drop": drop_case,
    "choice": choice_case("choice", choice),
    "mmlu-simple": choice_case("mmlu-simple", mmlu_simple),
    "numeric": numeric_case,
    "finqa": finqa_case,
    "docfinqa": docfinqa_case,
    "pass-at-k": pass_case,
}


def same(got, expected):
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(same, got, expected))
    return got is not None and abs(got - expected) < 1e-9


def main():
    options = argparse.ArgumentParser()
    options.add_argument("judge_lines")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--only", choices=CASES)
    options.add_argument("--show", type=int, default=5)
    wanted = options.parse_args()
    failed = False
    for name, make in CASES.items():
        if wanted.only and name != wanted.only:
            continue
        r = random.Random(wanted.seed * 1_000_003 + zlib.crc32(name.encode()))
        cases = [make(r) for _ in range(wanted.count)]
        lines = "".join(json.dumps(line) + "\n" for line, _ in cases)
        run = subprocess.run([wanted.judge_lines], input=lines, capture_output=True, text=True)
        results = [json.loads(line) for line in run.stdout.splitlines()]
        if run.returncode or len(results) != len(cases):
            sys.exit(f"{name}: judge_lines ended with {run.returncode} {run.stderr}")
        wrong = [(c, got) for c, got in zip(cases, results) if not same(got, c[1])]
        right = sum(c[1] == 1 for c in cases)
        print(f"{name}: {len(cases)} strings, {right} right, {len(wrong)} disagreements")
        for (line, expected), got in wrong[:wanted.show]:
            print(f"  {json.dumps(line, ensure_ascii=False)}: got {got}, expected {expected}")
        failed = failed or bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
