import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// One state of the chat page by name, with the texts and numbers of shared/design/ui/chat.html.
Rectangle {
    id: root

    property string scene: "chat"
    property bool isDark: true

    color: Theme.bg2

    Binding {
        target: Theme
        property: "isDark"
        value: root.isDark
    }
    AppFacade {
        id: app
    }
    ChatPage {
        id: page
        anchors.fill: parent
        app: app
        focus: true
        isListDocked: root.width > 1000
        isLiveDocked: root.width > 1000
    }

    readonly property string script: "In your file, `Amount` is negative for spending. Plain Python is enough:\n\n```python\nimport csv\nfrom collections import defaultdict\n\nspent = defaultdict(float)\nwith open(\"bank-2025.csv\", newline=\"\") as f:\n    for row in csv.DictReader(f):\n        amount = float(row[\"Amount\"])\n        if amount < 0:  # spending only\n            spent[row[\"Date\"][:7], row[\"Category\"]] -= amount\n\nfor (month, category), total in sorted(spent.items()):\n    print(f\"{month}  {category:<14}{total:>9.2f}\")\n```\n\n**Refunds** are positive in your export, so this version leaves them out."
    readonly property string everything: "# First heading\n\nA paragraph with *emphasis*, **strong**, `inline code`, ~~struck~~ and [a link](https://example.org/page), long enough to be wrapped.\n\n## Second heading\n\n- one\n- two, with a text that is long enough to be wrapped in the column of 680 pixels, which takes a while to write\n  - nested\n- [x] done\n- [ ] open\n\n### Third heading\n\n1. first\n2. second\n\n> A quote that says something.\n\n| Model | Size | tok/s |\n|:--|--:|:-:|\n| Qwen3 4B | 2.50 GB | 105 |\n| Mistral **Small** 24B | 14.33 GB | `52` |\n\n---\n\n$$E = mc^2$$\n\n```sql\nSELECT month, SUM(amount) FROM spending WHERE a_very_long_column_name = 'a long string' GROUP BY 1 ORDER BY 2;\n```\n\n润色给房东的邮件：中文段落与 English 混排。"

    function fillLive(): void {
        app.live.tokensPerSecond = 17.5;
        app.live.limitTokensPerSecond = 23.7;
        app.live.share = 0.74;
        app.live.isGenerating = true;
        app.live.ttftMs = 38;
        app.live.tpotP50Ms = 57.1;
        app.live.tpotP95Ms = 66.5;
        app.live.sampleCount = 642;
        app.live.bandwidth = 24.8;
        app.live.bandwidthLimit = 33.4;
        app.live.copyBandwidth = 28.1;
        app.live.bytesPerToken = 1.41e9;
        const spark = [];
        for (let i = 0; i < 120; ++i)
            spark.push(i < 14 || (i > 40 && i < 91) ? -1 : 17 + Math.sin(i * 1.7) + Math.sin(i * 0.6));
        app.live.sparkline = spark;
        const gib = 1073741824;
        app.live.memoryTotal = 24 * gib;
        app.live.memoryWeights = 8.97 * gib;
        app.live.memoryKv = 4.25 * gib;
        app.live.memoryScratch = 0.74 * gib;
        app.live.memoryOther = 1.84 * gib;
        app.live.memoryFree = 8.19 * gib;
        app.live.kvBlocksTotal = 1024;
        app.live.kvBlocksUsed = 528;
        app.live.kvBlockTokens = 16;
    }
    // The same chat on a card, with the numbers of the design.
    function fillCard(): void {
        app.live.hasCard = true;
        app.live.cardName = "NVIDIA GeForce RTX 4090";
        app.live.tokensPerSecond = 84.2;
        app.live.limitTokensPerSecond = 113;
        app.live.bandwidth = 748;
        app.live.bandwidthLimit = 937;
        app.live.specBandwidth = 1008;
        app.live.powerWatts = 318;
        app.live.powerLimitWatts = 450;
        app.live.temperature = 61;
        app.live.clockMhz = 2610;
        app.live.clockMaxMhz = 2730;
        app.live.memoryClockMhz = 10501;
        app.live.slowdown = "power limit";
    }
    function fillModels(): void {
        app.models.name = "Qwen3 14B";
        app.models.quantization = "Q4_K_M";
        app.models.memoryBytes = 14 * 1073741824;
        app.shelf.setBandwidths(33.4, 1008);
        app.shelf.setEntries([
            { name: "Sotto demo", path: "/demo", quantization: "Q8_0", fileBytes: 8e6, memoryBytes: 3e7, bytesPerToken: 8e6, contextTokens: 512, isDemo: true },
            { name: "Qwen3 14B", path: "/a", quantization: "Q4_K_M", fileBytes: 9e9, memoryBytes: 1.4e10, bytesPerToken: 8.9e9, contextTokens: 16384 },
            { name: "Qwen3 4B", path: "/b", quantization: "F16", fileBytes: 8.1e9, memoryBytes: 1e10, bytesPerToken: 8e9, contextTokens: 8192, isShortened: true },
            { name: "Qwen3 14B", path: "/c", quantization: "BF16", fileBytes: 2.9e10, memoryBytes: 3.1e10, bytesPerToken: 2.9e10, contextTokens: 4096, isTooLarge: true },
            { name: "broken.gguf", path: "/d", fileBytes: 1e6, isUnreadable: true, problem: "The file is truncated: tensor blk.0.attn_q ends at byte 4,100,000, the file at 1,000,000." }
        ]);
        app.shelf.setLoaded("/a");
    }
    // The picker with a card: whole on it, on both devices, on the processor.
    function fillCardModels(): void {
        const gib = 1073741824;
        app.models.memoryBytes = 9 * gib;
        app.models.cardBytes = 9 * gib;
        app.models.isBandwidthMeasured = false;
        app.models.notice = scene === "cardfull" ? "28 of 40 layers are on the graphics card, the others on the processor: there is no more graphics memory free." : "";
        app.shelf.setEntries([
            { name: "Sotto demo", path: "/demo", quantization: "Q8_0", fileBytes: 1e7, memoryBytes: 3e7, cardBytes: 3e7, bytesPerToken: 1e7, cardBytesPerToken: 1e7, contextTokens: 512, isDemo: true, placement: ModelListModel.OnCard, cardLayers: 8, layerCount: 8 },
            { name: "Qwen3 14B", path: "/a", quantization: "Q4_K_M", fileBytes: 9e9, memoryBytes: 9 * gib, cardBytes: 9 * gib, bytesPerToken: 8.9e9, cardBytesPerToken: 8.9e9, contextTokens: 16384, placement: ModelListModel.OnCard, cardLayers: 40, layerCount: 40 },
            { name: "Qwen3 4B", path: "/b", quantization: "F16", fileBytes: 8.1e9, memoryBytes: 10 * gib, cardBytes: 10 * gib, bytesPerToken: 8e9, cardBytesPerToken: 8e9, contextTokens: 8192, placement: ModelListModel.OnCard, cardLayers: 36, layerCount: 36 },
            { name: "Qwen3 32B", path: "/c", quantization: "Q6_K", fileBytes: 2.7e10, memoryBytes: 27 * gib, cardBytes: 21 * gib, bytesPerToken: 2.6e10, cardBytesPerToken: 2e10, contextTokens: 4096, isShortened: true, placement: ModelListModel.Split, cardLayers: 50, layerCount: 64 },
            { name: "Llama 3.3 70B", path: "/d", quantization: "Q4_K_M", fileBytes: 4.2e10, memoryBytes: 44 * gib, bytesPerToken: 4.1e10, contextTokens: 32768, placement: ModelListModel.CardTooSmall, layerCount: 80 }
        ]);
        app.shelf.setLoaded("/a");
    }
    function fillChat(): void {
        app.conversation.add({ isUser: true, plainText: "Here is my bank export. Write a small script that sums my spending by month and category. No extra libraries, please." });
        app.conversation.add({ plainText: script, messageState: MessageListModel.Done, thinkingText: "The export has four columns.", thinkingSeconds: 1.9, thinkingTokens: 318, versionIndex: 2, versionCount: 3, tokensPerSecond: 172, ttftMs: 21, tokenCount: 642, reusedTokens: 1204, stopReason: "endOfText" });
        app.conversation.add({ isUser: true, plainText: "Subtract refunds, and keep the three largest per month." });
        app.conversation.add({ plainText: "Two lines change. A refund now lowers the month it arrives in, and each month is sorted by size before it is", messageState: MessageListModel.Writing, thinkingText: "Short.", thinkingSeconds: 0.3, thinkingTokens: 58 });
        app.chat.state = ChatController.Writing;
        app.chat.usedTokens = 1974;
        app.chat.draft = "Then write the result to a second file, so that I can open it in a spreadsheet. Use a semicolon between the columns";
    }
    Component.onCompleted: {
        fillModels();
        if (scene !== "unmeasured")
            fillLive();
        if (scene === "card")
            fillCard();
        if (scene.startsWith("card") && scene !== "card") {
            fillCard();
            fillCardModels();
            fillChat();
            if (scene === "cardless")
                app.models.deviceProblem = "Models run on the processor, the graphics card cannot be used. NVIDIA GeForce GTX 1080: The card's compute capability 6.1 is too old, 7.5 is needed.";
        }
        switch (scene) {
        case "chat":
        case "unmeasured":
        case "find":
        case "picker":
        case "sampling":
        case "live":
        case "menu":
            fillChat();
            break;
        case "blocks":
            app.conversation.add({ isUser: true, plainText: "Show everything" });
            app.conversation.add({ plainText: everything, tokensPerSecond: 84.2, ttftMs: 961, tokenCount: 400, stopReason: "maxTokens", modelName: "Qwen3 14B" });
            app.chat.canContinue = true;
            break;
        case "states":
            app.conversation.add({ isUser: true, plainText: "One" });
            app.conversation.add({ plainText: "Two lines change. A refund now lowers the month it arrives in, and each month is sorted", messageState: MessageListModel.Failed, errorText: "The memory is full: another program took 8.2 GiB." });
            app.conversation.add({ isUser: true, plainText: "Two" });
            app.conversation.add({ plainText: "", messageState: MessageListModel.Thinking, thinkingText: "I think", thinkingSeconds: 3.2 });
            app.conversation.add({ isUser: true, plainText: "Three" });
            app.conversation.add({ plainText: "", messageState: MessageListModel.Reading });
            app.chat.readProgress = 0.42;
            app.chat.state = ChatController.Reading;
            break;
        case "empty":
        case "demo":
        case "blocked":
            app.chat.state = ChatController.Empty;
            app.models.isDemo = scene === "demo";
            if (scene === "blocked") {
                app.models.state = ModelController.NoModel;
                app.models.name = "";
                app.models.quantization = "";
                app.chat.blockedReason = "Choose a model to begin.";
                app.chat.contextTokens = 0;
            }
            break;
        case "loading":
            app.chat.state = ChatController.Empty;
            app.models.state = ModelController.Loading;
            app.models.loadProgress = 0.37;
            break;
        case "temporary":
            fillChat();
            app.chat.isTemporary = true;
            break;
        case "edit":
            fillChat();
            app.conversation.set(3, { messageState: MessageListModel.Stopped, stopReason: "cancelled", tokensPerSecond: 20 });
            app.chat.state = ChatController.Idle;
            app.chat.canContinue = true;
            app.chat.draft = "";
            break;
        case "long":
            app.conversation.fill(400);
            break;
        }
        page.focusComposer();
        later.start();
    }
    Timer {
        id: later
        interval: 200
        onTriggered: {
            if (root.scene === "find") {
                app.chat.foundRows = [1, 3];
                page.openFind();
            } else if (root.scene === "picker" || (root.scene.startsWith("card") && root.scene !== "card"))
                page.openModelPicker();
            else if (root.scene === "sampling")
                page.openSampling();
            else if (root.scene === "live")
                page.toggleLive();
            else if (root.scene === "edit")
                page.editLast();
        }
    }
}
