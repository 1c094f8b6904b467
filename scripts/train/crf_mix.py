"""How much of the field and how much of the network: F1 on the development sets for several mixtures."""
import numpy
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

import ner_data
from crf import STATES
from ner import development, f1, tensors
from start_from import dequantized

FLOOR = 1e-6


@torch.no_grad()
def of_network(directory, sentences):
    """The network's probability of each state for each token; outside where no piece decides it."""
    config = BertConfig.from_pretrained(directory, attn_implementation="eager")
    net = BertForTokenClassification(config).eval()
    net.load_state_dict(dequantized(directory / "model.safetensors"))
    columns = [[config.label2id[state] for state in STATES]]
    examples = ner_data.Encoder(Tokenizer.from_file(str(directory / "tokenizer.json")), longest=512).encode(sentences)
    order, out = sorted(range(len(examples)), key=lambda i: len(examples[i].ids)), [None] * len(examples)
    for start in range(0, len(order), 64):
        rows = order[start:start + 64]
        ids, _, _ = tensors([examples[i] for i in rows], "cpu")
        found = net(input_ids=ids, attention_mask=(ids != 0).long()).logits.softmax(-1).numpy()
        for row, i in zip(found, rows):
            out[i] = numpy.array([row[head][columns[0]] if head >= 0 else [1.] + [0.] * 8 for head in examples[i].heads])
    return out


def best(scores):
    """The best sequence in which an inside tag follows a tag of its kind."""
    allowed = numpy.array([[0. if state[0] != "I" or before[1:] == state[1:] else -1e9 for state in STATES] for before in STATES])
    total, back = scores[0] + allowed[0], []
    for row in scores[1:]:
        steps = total[:, None] + allowed
        back.append(steps.argmax(0))
        total = steps.max(0) + row
    states = [int(total.argmax())]
    for row in reversed(back):
        states.append(int(row[states[-1]]))
    return [STATES[state] for state in reversed(states)]


def report(arguments, of_field):
    torch.set_num_threads(1)
    for language, sentences in development(arguments.data).items():
        network, field = of_network(arguments.network, sentences), [of_field(s.tokens) for s in sentences]
        for share in (0, .4, .5, .6, .7, .8):
            for outside in (0, -.3, -.6):
                raised = numpy.array([outside] + [0.] * 8)
                tags = [best((1 - share) * numpy.log(n + FLOOR) + share * numpy.log(f + FLOOR) + raised) for n, f in zip(network, field)]
                scores = f1(sentences, tags)
                print(language, f"share {share}", f"outside {outside}", *(f"{source} {value:.4f}" for source, value in scores.items()),
                      sep="\t", flush=True)
