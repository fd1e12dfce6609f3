pragma Singleton
import QtQml
import Sotto.Theme

// The words of the sampling settings, and how their values are written.
QtObject {
    function name(key: string): string {
        switch (key) {
        case "temperature":
            return qsTr("Temperature");
        case "topK":
            return qsTr("Top-k");
        case "topP":
            return qsTr("Top-p");
        case "minP":
            return qsTr("Min-p");
        case "typicalP":
            return qsTr("Typical-p");
        case "repeatPenalty":
            return qsTr("Repetition penalty");
        case "presencePenalty":
            return qsTr("Presence penalty");
        case "frequencyPenalty":
            return qsTr("Frequency penalty");
        case "penaltyTokens":
            return qsTr("Penalty window");
        case "dryMultiplier":
            return qsTr("DRY strength");
        case "maxTokens":
            return qsTr("Longest answer");
        case "seed":
            return qsTr("Seed");
        }
        return key;
    }
    function explanation(key: string): string {
        switch (key) {
        case "temperature":
            return qsTr("Low values stay with the most likely words, high values vary more. 0 always takes the most likely one.");
        case "topK":
            return qsTr("Only so many of the most likely tokens are considered. 0 considers all.");
        case "topP":
            return qsTr("Only the most likely tokens that together reach this probability are considered. 1 considers all.");
        case "minP":
            return qsTr("Tokens below this share of the best one's probability are left out. 0 leaves out none.");
        case "typicalP":
            return qsTr("Keeps tokens whose surprise is near the expected one. 1 keeps all.");
        case "repeatPenalty":
            return qsTr("Above 1, tokens that were used already become less likely. 1 is off.");
        case "presencePenalty":
            return qsTr("Lowers every token that was used already, once. 0 is off.");
        case "frequencyPenalty":
            return qsTr("Lowers tokens by how often they were used already. 0 is off.");
        case "penaltyTokens":
            return qsTr("How many of the last tokens the three penalties look at. Empty: all of them.");
        case "dryMultiplier":
            return qsTr("Lowers tokens that would continue a repeated passage. 0 is off.");
        case "maxTokens":
            return qsTr("The answer stops after so many tokens. Empty: no limit but the context.");
        case "seed":
            return qsTr("The same seed, settings and model give the same answer. Empty: another one each time.");
        }
        return "";
    }
    // -1 stands for "not set" in the settings that can be without a value.
    function shown(key: string, value: double, decimals: int): string {
        if (value < 0 && key === "seed")
            return qsTr("random");
        if (value < 0 && key === "penaltyTokens")
            return qsTr("all");
        if (value < 0 && key === "maxTokens")
            return qsTr("no limit");
        return Theme.format.fixed(value, decimals);
    }
}
