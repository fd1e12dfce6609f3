import QtQml
import Sotto.App
import Sotto.Tests

// What ShellPreview shows of a hub: models and downloads as in the design, whose files cannot be fetched.
QtObject {
    id: root

    readonly property list<var> downloads: [root.download("Mistral-Small-3.2-24B-Instruct-GGUF", "Q4_K_M", "waiting", 14.33e9, 0, ""), root.download("Phi-4-GGUF", "Q4_K_M", "paused", 9.05e9, 2.81e9, ""), root.download("Llama-3.1-8B-Instruct-GGUF", "F16", "interrupted", 16.07e9, 9.8e9, "unreachable"), root.download("Qwen3-8B-GGUF", "Q8_0", "damaged", 8.71e9, 0, "downloadDamaged"), root.download("Qwen3-32B-GGUF", "Q4_K_M", "waiting", 19.76e9, 0, ""), root.download("Qwen3-4B-GGUF", "Q4_K_M", "verified", 2.5e9, 2.5e9, "")]
    readonly property list<var> models: [Object.assign(root.model("Qwen/Qwen3-14B-GGUF", "qwen3", 14.8e9, 1200000, "apache-2.0", false, {
                "Q4_K_M": 9.0e9,
                "Q5_0": 10.28e9,
                "Q5_K_M": 10.51e9,
                "Q6_K": 12.12e9,
                "Q8_0": 15.7e9
            }), {
                readme: root.readme
            }), root.model("google/gemma-3-12b-it-qat-q4_0-gguf", "gemma3", 12.2e9, 310000, "gemma", true, {
                "Q4_0": 8.07e9
            }), root.model("bartowski/Llama-3.3-70B-Instruct-GGUF", "llama", 70.6e9, 164000, "llama3.3", false, {
                "Q4_K_M": 42.52e9
            }), root.model("unsloth/Mistral-Small-3.2-24B-Instruct-GGUF", "llama", 23.6e9, 205000, "apache-2.0", false, {
                "Q4_K_M": 14.33e9,
                "Q6_K": 19.35e9
            }), root.model("Qwen/Qwen3-8B-GGUF", "qwen3", 8.2e9, 980000, "apache-2.0", false, {}), root.model("microsoft/phi-4-gguf", "phi3", 14.7e9, 122000, "mit", false, {})]

    // As cards are: front matter, HTML, pictures, a table, code.
    readonly property string readme: "---\nlicense: apache-2.0\n---\n<div align=\"center\">\n  <img src=\"https://x.example/logo.png\" alt=\"Qwen Chat\">\n  <h1>Qwen3-14B-GGUF</h1>\n</div>\n\nQwen3 is a family of dense and mixture-of-experts models. It **switches between thinking and not thinking** within one chat, see [the blog](https://qwenlm.github.io/blog/qwen3/).\n\n![Scores of several models](https://x.example/scores.png)\n\n## Files\n\n| File | Type | Size | Use |\n| --- | --- | ---: | --- |\n| Qwen3-14B-Q4_K_M.gguf | Q4_K_M | 9.00 GB | Good quality, recommended |\n| Qwen3-14B-Q8_0.gguf | Q8_0 | 15.70 GB | Very high quality |\n\n## Quickstart\n\n```shell\nllama-cli -hf Qwen/Qwen3-14B-GGUF:Q8_0 --jinja --color -ngl 99 -fa\n```\n\n- Type: causal language model\n- Number of layers: 40\n- Context length: 32,768 tokens, 131,072 with YaRN\n\n> Greedy decoding can lead to endless repetitions. Use `temperature=0.6` when it thinks.\n\n## Best practices\n\n" + "To achieve good performance, these settings are recommended: sampling parameters, an adequate length of the output, and a standard form of the answer when models are compared.\n\n".repeat(6)

    function download(name: string, type: string, state: string, bytes: real, kept: real, problem: string): var {
        return {
            repository: "acme/" + name,
            path: name + "-" + type + ".gguf",
            state: state,
            bytes: bytes,
            kept: kept,
            problem: problem,
            sentence: problem === "unreachable" ? "huggingface.co does not answer (no answer for 30 s). Check the network connection and try again." : "The file is not what the hub has: it was damaged on its way. It was set aside; download it again."
        };
    }
    function model(repository: string, architecture: string, parameters: real, downloads: real, licence: string, gated: bool, files: var): var {
        return {
            repository: repository,
            architecture: architecture,
            parameters: parameters,
            context: 40960,
            downloads: downloads,
            licence: licence,
            gated: gated,
            updated: "2026-05-12T10:00:00.000Z",
            files: Object.entries(files).map(([type, bytes]) => ({
                        path: "model-" + type + ".gguf",
                        bytes: bytes
                    }))
        };
    }
    // Of a model that is quantized: who has published an importance matrix of it.
    readonly property list<var> measured: [["bartowski/Qwen_Qwen3-8B-GGUF", "Qwen_Qwen3-8B-imatrix.gguf", 5.4e6, 98000], ["mradermacher/Qwen3-8B-i1-GGUF", "Qwen3-8B.imatrix.gguf", 5.4e6, 21000], ["unsloth/Qwen3-8B-GGUF", "imatrix_unsloth.gguf_file", 5.3e6, 412000]].map(row => ({
                repository: row[0],
                base: "Qwen/Qwen3-8B",
                downloads: row[3],
                gated: false,
                files: [{
                        path: row[1],
                        bytes: row[2]
                    }]
            }))

    function prepare(program: TestApp, show: string): void {
        program.hubGives(show.startsWith("published") ? root.measured : root.models);
        if (show === "searching")
            program.hubHolds();
        if (show === "failed")
            program.hubFails(429);
        program.setOffline(show === "offline");
    }
    function show(hub: HubController, show: string): void {
        if (show === "models" || show === "duplicates")
            return;
        hub.search.text = "gguf";
        hub.search.search();
        openTimer.isCard = show === "card";
        if (show === "discover" || show === "card")
            openTimer.hub = hub;
    }

    readonly property Timer openTimer: Timer {
        id: openTimer
        property HubController hub: null
        property bool isCard: false
        interval: 400
        running: hub !== null
        onTriggered: {
            for (const row of [3, 1, 0])
                hub.search.toggle(row);
            const files = hub.search.data(hub.search.index(0, 0), HubSearchModel.FilesRole) as HubFilesModel;
            if (isCard)
                files.openCard();
        }
    }
}
