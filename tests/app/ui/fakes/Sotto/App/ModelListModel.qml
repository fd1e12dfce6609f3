import QtQuick

ListModel {
    enum Fit {
        Unknown,
        IsLoaded,
        Fits,
        FitsShorter,
        DoesNotFit,
        Unreadable
    }

    enum Placement {
        OnProcessor,
        OnCard,
        Split,
        CardTooSmall
    }

    property bool hasPredictions: true

    Component.onCompleted: {
        append({
            name: "Sotto Demo",
            path: ":demo",
            quantization: "Q8_0",
            fileBytes: 7.8e6,
            memoryBytes: 4.2e7,
            cardBytes: 0,
            placement: ModelListModel.OnProcessor,
            cardLayers: 0,
            layerCount: 36,
            contextTokens: 2048,
            fit: ModelListModel.IsLoaded,
            predictedSpeed: 812,
            isDemo: true,
            problem: ""
        });
        append({
            name: "Qwen3 4B",
            path: "/m/q.gguf",
            quantization: "Q4_K_M",
            fileBytes: 2.5e9,
            memoryBytes: 3.1e9,
            cardBytes: 0,
            placement: ModelListModel.OnProcessor,
            cardLayers: 0,
            layerCount: 36,
            contextTokens: 8192,
            fit: ModelListModel.Fits,
            predictedSpeed: 8.4,
            isDemo: false,
            problem: ""
        });
        append({
            name: "Llama 3.3 70B",
            path: "/m/l.gguf",
            quantization: "Q4_K_M",
            fileBytes: 42e9,
            memoryBytes: 45e9,
            cardBytes: 0,
            placement: ModelListModel.OnProcessor,
            cardLayers: 0,
            layerCount: 36,
            contextTokens: 2048,
            fit: ModelListModel.DoesNotFit,
            predictedSpeed: 0,
            isDemo: false,
            problem: "45.6 GiB needed, 17.1 GiB free."
        });
    }
}
