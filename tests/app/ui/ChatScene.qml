import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.System
import Sotto.Tests
import Sotto.Theme

// One state of the chat page by name, with the texts and numbers of shared/design/ui/chat.html, for
// sotto_gallery: scene is chat, unmeasured, find, picker, sampling, live, card, cardpicker, cardless,
// blocks, formulas, states, several, answersmenu, prompt, empty, blocked, loading, reading, temporary,
// edit, long, overflow, dropped, contextpopup, inspector, inspectorless or inspectorempty.
Rectangle {
    id: root

    property string scene: "chat"
    property bool isDark: true
    property string language: "en"
    property ChatPage page: null
    readonly property double gib: 1073741824
    readonly property bool hasCard: scene.startsWith("card")

    color: Theme.bg2

    Translation {
        id: translation
        setting: root.language
    }
    Binding {
        target: Theme
        property: "language"
        value: translation.current
    }
    Binding {
        target: Theme
        property: "isDark"
        value: root.isDark
    }
    Component {
        id: programComponent
        TestApp {
            readBandwidth: 33.4
            model: ({
                    path: "/a",
                    name: "Qwen3 14B",
                    quantization: "Q4_K_M",
                    memoryBytes: 14 * root.gib,
                    cardBytes: root.hasCard ? 14 * root.gib : 0,
                    contextTokens: 16384,
                    trainedContext: 32768,
                    kvBytes: 4.25 * root.gib,
                    cardKvBytes: root.hasCard ? 4.25 * root.gib : 0,
                    hasThinking: true,
                    refusesSystemRole: root.scene === "prompt"
                })
        }
    }
    Component {
        id: pageComponent
        ChatPage {
            anchors.fill: parent
            focus: true
            isListDocked: root.width > 1000
            isLiveDocked: root.width > 1000
        }
    }
    property TestApp program: null

    readonly property string script: "In your file, `Amount` is negative for spending. Plain Python is enough:\n\n```python\nimport csv\nfrom collections import defaultdict\n\nspent = defaultdict(float)\nwith open(\"bank-2025.csv\", newline=\"\") as f:\n    for row in csv.DictReader(f):\n        amount = float(row[\"Amount\"])\n        if amount < 0:  # spending only\n            spent[row[\"Date\"][:7], row[\"Category\"]] -= amount\n\nfor (month, category), total in sorted(spent.items()):\n    print(f\"{month}  {category:<14}{total:>9.2f}\")\n```\n\n**Refunds** are positive in your export, so this version leaves them out."
    readonly property string everything: "# First heading\n\nA paragraph with *emphasis*, **strong**, `inline code`, ~~struck~~ and [a link](https://example.org/page), long enough to be wrapped.\n\n## Second heading\n\n- one\n- two, with a text that is long enough to be wrapped in the column of 680 pixels, which takes a while to write\n  - nested\n- [x] done\n- [ ] open\n\n### Third heading\n\n1. first\n2. second\n\n> A quote that says something.\n\n| Model | Size | tok/s |\n|:--|--:|:-:|\n| Qwen3 4B | 2.50 GB | 105 |\n| Mistral **Small** 24B | 14.33 GB | `52` |\n\n---\n\n$$E = mc^2$$\n\n```sql\nSELECT month, SUM(amount) FROM spending WHERE a_very_long_column_name = 'a long string' GROUP BY 1 ORDER BY 2;\n```\n\n润色给房东的邮件：中文段落与 English 混排。"

    readonly property string formulas: "The roots of $ax^2 + bx + c = 0$ are\n\n$$x_{1,2} = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$\n\nwith $\\bar{x} \\ne x$, $\\binom{n}{k}$, $\\lim_{x \\to 0} \\frac{\\sin x}{x} = 1$ and $\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$ in one line of text, which goes on and is wrapped at the width of the column.\n\n\\[\n\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}, \\qquad A = \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}, \\qquad f(x) = \\begin{cases} 1 & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}\n\\]\n\n- item with $v_{\\text{平均}} = \\frac{Δx}{Δt}$\n- $\\boxed{E = mc^2}$ and $\\color{blue} x + \\color{red} y$\n\n> 速度：$$v = \\frac{\\text{距离}}{\\text{时间}}$$\n\n| Name | Formula |\n|---|---|\n| Norm | $\\lVert x \\rVert_2 = \\sqrt{\\sum_i x_i^2}$ |\n| Wrong | $\\frac{a}$ |\n\n$$a_0 + a_1 x + a_2 x^2 + a_3 x^3 + a_4 x^4 + a_5 x^5 + a_6 x^6 + a_7 x^7 + a_8 x^8 + a_9 x^9 + a_{10} x^{10} + a_{11} x^{11} + a_{12} x^{12}$$\n\n$$\\frac{wrong}$$"

    function measure(): void {
        program.measure({
            tokensPerSecond: hasCard ? 84.2 : 17.5,
            isGenerating: true,
            readBandwidthGbS: hasCard ? 937 : 33.4,
            copyBandwidthGbS: 28.1,
            bandwidthGbS: hasCard ? 749 : 24.7,
            bytesPerStep: hasCard ? 8.9e9 : 1.41e9,
            systemTotal: 24 * gib,
            systemAvailable: 8.19 * gib,
            weights: 8.97 * gib,
            kvCache: 4.25 * gib,
            scratch: 0.74 * gib,
            kvBlocksTotal: 1024,
            kvBlocksUsed: 528,
            kvBlocksCached: 212,
            kvBlockTokens: 16,
            card: hasCard ? {
                name: "NVIDIA GeForce RTX 4090",
                specGbS: 1008,
                powerWatts: 318,
                powerLimitWatts: 450,
                temperatureCelsius: 61,
                smClockMhz: 2610,
                smClockMaxMhz: 2730,
                memoryClockMhz: 10501,
                memoryTotal: 24 * gib,
                memoryFree: 8.19 * gib,
                memoryWeights: 8.97 * gib,
                memoryKv: 4.25 * gib,
                isAtPowerLimit: true
            } : {
                name: ""
            }
        });
    }
    function fillModels(): void {
        const onCard = layers => hasCard ? layers : 0;
        program.setModels([
            { path: "/demo", name: "Sotto Demo", quantization: "Q8_0", fileBytes: 8e6, memoryBytes: 3e7, bytesPerToken: 8e6, contextTokens: 512 },
            { path: "/a", name: "Qwen3 14B", quantization: "Q4_K_M", fileBytes: 9e9, kvBytes: 8.5 * gib, scratchBytes: 0.7 * gib, memoryBytes: 9 * gib, bytesPerToken: 8.9e9, contextTokens: 16384, layerCount: 40, cardLayers: onCard(40), cardBytes: onCard(9 * gib), cardBytesPerToken: onCard(8.9e9) },
            { path: "/b", name: "Qwen3 4B", quantization: "F16", fileBytes: 8.1e9, memoryBytes: 1e10, bytesPerToken: 8e9, contextTokens: 8192, isShortened: true },
            { path: "/c", name: "Qwen3 32B", quantization: "Q6_K", fileBytes: 2.7e10, memoryBytes: 27 * gib, bytesPerToken: 2.6e10, contextTokens: 4096, layerCount: 64, cardLayers: onCard(50), cardBytes: onCard(21 * gib), cardBytesPerToken: onCard(2e10) },
            { path: "/d", name: "Llama 3.3 70B", quantization: "Q4_K_M", fileBytes: 4.2e10, memoryBytes: 44 * gib, bytesPerToken: 4.1e10, contextTokens: 32768, layerCount: 80, isCardTooSmall: hasCard, shortage: hasCard ? "" : "45.6 GiB needed, 17.1 GiB free." },
            { path: "/e", name: "broken.gguf", fileBytes: 1e6, problem: "The file is truncated: tensor blk.0.attn_q ends at byte 4,100,000, the file at 1,000,000." }
        ]);
        program.load(program.model);
    }
    function question(text: string): var {
        return {
            isUser: true,
            text: text
        };
    }
    // The design's conversation; its last answer is being written.
    function fillChat(): void {
        program.talk([question("Here is my bank export. Write a small script that sums my spending by month and category. No extra libraries, please."), {
                versions: ["Another version.", script, "A third one."],
                shownVersion: 2,
                thinkingText: "The export has four columns.",
                thinkingSeconds: 1.9,
                thinkingTokens: 318,
                tokensPerSecond: 172,
                ttftMs: 21,
                tokenCount: 642,
                reusedTokens: 1204,
                stopReason: "endOfText"
            }]);
        program.facade.chat.send("Subtract refunds, and keep the three largest per month.");
        program.settle();
        program.think("Short.");
        program.write("Two lines change. A refund now lowers the month it arrives in, and each month is sorted by size before it is");
        program.facade.chat.draft = "Then write the result to a second file, so that I can open it in a spreadsheet. Use a semicolon between the columns";
    }
    function fill(): void {
        const chat = program.facade.chat;
        switch (scene) {
        case "blocks":
            program.talk([question("Show everything"), {
                    text: everything,
                    tokensPerSecond: 84.2,
                    ttftMs: 961,
                    tokenCount: 400,
                    stopReason: "maxTokens",
                    modelName: "Qwen3 14B"
                }]);
            break;
        case "formulas":
            program.talk([question("Show formulas"), {
                    text: formulas,
                    tokensPerSecond: 84.2,
                    ttftMs: 961,
                    tokenCount: 400,
                    stopReason: "endOfText",
                    modelName: "Qwen3 14B"
                }]);
            break;
        case "states":
            chat.send("One");
            program.settle();
            program.write("Two lines change. A refund now lowers the month it arrives in");
            program.failAnswer("The memory is full: another program took 8.2 GiB.");
            break;
        case "several":
        case "answersmenu":
            program.talk([question("Why does the dough stay sticky?"), {
                    text: "It wants more time.",
                    stopReason: "endOfText"
                }]);
            if (scene === "answersmenu")
                break;
            chat.regenerate(4);
            program.settle();
            for (const id of [1, 2, 3, 4])
                program.write("Mostly because flour takes up water slowly. Let it rest for half an hour before you knead it, and " + id, id);
            break;
        case "prompt":
            program.talk([question("Why does the dough stay sticky?"), {
                    text: "It wants more time.",
                    stopReason: "endOfText"
                }]);
            program.facade.settings.systemPrompt = "Answer in one sentence.";
            break;
        case "empty":
            break;
        case "blocked":
            program.unload();
            break;
        case "loading":
            program.setLoadsHanging(true);
            program.facade.models.load("/b");
            chat.send("One");
            break;
        case "reading":
            chat.send("One");
            program.settle();
            program.readPrompt(0.125);
            break;
        case "temporary":
            program.facade.chats.newTemporaryChat();
            break;
        case "edit":
            program.talk([question("Subtract refunds."), {
                    text: "Two lines change.",
                    isStopped: true,
                    stopReason: "cancelled",
                    tokensPerSecond: 20
                }]);
            break;
        case "inspector":
        case "inspectorless":
            // As many tokens as the scripted engine makes of it: a marker and one for each word.
            program.talk([question("Here is my bank export. Write a small script that sums my spending by month and category."), {
                    text: script,
                    thinkingText: "The export has four columns, and refunds are positive.",
                    tokensPerSecond: 109,
                    ttftMs: 961,
                    tokenCount: 642,
                    promptTokens: 18,
                    stopReason: "endOfText"
                }, question("Subtract refunds, and keep the three largest per month. Use a semicolon between the columns."), {
                    text: "Two lines change. A refund now lowers the month it arrives in, and each month is sorted by size before it is cut to three.",
                    tokensPerSecond: 109,
                    ttftMs: 46,
                    tokenCount: 126,
                    promptTokens: 18 + 1 + script.split(/\s+/).length + 16,
                    reusedTokens: 18 + script.split(/\s+/).length,
                    stopReason: "endOfText"
                }]);
            if (scene === "inspectorless")
                program.unload();
            break;
        case "overflow":
        case "dropped":
        case "contextpopup":
            fillLongChat();
            break;
        case "long":
            program.talk(program.longConversation(400));
            break;
        default:
            fillChat();
        }
    }
    // Of 16,384 tokens, which are words here; the question in the composer does not fit any more.
    function fillLongChat(): void {
        const words = n => "word ".repeat(n).trim();
        const answer = text => ({
                text: text,
                tokensPerSecond: 107,
                ttftMs: 2610,
                tokenCount: 1182,
                promptTokens: 14100,
                reusedTokens: 6544,
                stopReason: "endOfText"
            });
        program.facade.settings.systemPrompt = "You are a careful reader of leases and letters.";
        program.talk([question("Here is the house."), answer(words(2600)), question("And the flat?"), answer(words(2870)), question("And what does a cellar cost on its own around here?"), answer("A dry one of six square metres is usually let with the flat. On its own, 30 to 50 euros a month are common, and more near the station."), question("Here is the lease itself. Take me through it clause by clause.\n" + words(9560)), answer("Clause by clause, then. **1:** the flat is let unfurnished, with a cellar. **2:** the lease runs without an end. **3:** the rent is 1,180 euros, due on the third working day. **4:** heating is paid in advance and settled once a year. **5:** small repairs up to 100 euros are yours. **6:** subletting is ruled out, even of one room. **7:** the rent follows an index, with a month’s notice in writing.")]);
        program.facade.chat.draft = "Which of these clauses are unusual for a flat like ours? Go through them one by one, say in a sentence what is common instead, and mark the ones I should ask about before I sign. We have a child and a cat, I work from home three days a week, and my sister stays with us for a month every summer, so guests, noise and pets matter most.";
        program.settle();
        program.facade.chat.send(program.facade.chat.draft);
    }
    function drop(): void {
        const overflow = program.facade.chat.overflow;
        overflow.chosen = OverflowController.Drop;
        overflow.accept();
        program.settle();
        program.write("Three of them. **Clause 6** rules out subletting even of one room; common is that a landlord agrees to a room for a good reason. A guest for a month is no subletting, so your sister may stay.");
        program.finish({
            tokensPerSecond: 122,
            ttftMs: 2730,
            tokens: 1644
        });
        program.settle();
        if (scene === "dropped")
            page.showMessage(program.facade.chat.messages.data(program.facade.chat.messages.index(4, 0), MessageListModel.MessageIdRole));
        find(page, "contextMeter").clicked();
    }
    function find(item: Item, name: string): Item {
        for (const child of Array.from(item.children)) {
            const found = child.objectName === name ? child : find(child, name);
            if (found !== null)
                return found;
        }
        return null;
    }
    Component.onCompleted: {
        program = programComponent.createObject(root, {
            card: hasCard ? {
                name: "NVIDIA GeForce RTX 4090",
                specGbS: 1008,
                problem: scene === "cardless" ? "The driver is too old, 580 is needed." : ""
            } : {}
        });
        if (scene !== "unmeasured")
            measure();
        fillModels();
        page = pageComponent.createObject(root, {
            app: program.facade
        });
        fill();
        page.focusComposer();
        later.start();
    }
    Timer {
        id: later
        interval: 200
        onTriggered: {
            if (root.scene === "find") {
                root.page.openFind();
            } else if (["picker", "cardpicker", "cardless"].includes(root.scene))
                root.page.openModelPicker();
            else if (root.scene === "sampling")
                root.page.openSampling();
            else if (root.scene === "dropped" || root.scene === "contextpopup")
                root.drop();
            else if (root.scene === "live")
                root.page.toggleLive();
            else if (root.scene.startsWith("inspector"))
                root.page.toggleInspector();
            else if (root.scene === "edit")
                root.page.editLast();
            else if (root.scene === "answersmenu")
                root.find(root.page, "writeSeveral").clicked();
        }
    }
}
