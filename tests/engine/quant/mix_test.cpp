// The mixes against the types that the field's quantizer gives: a part of its dry runs lies in
// tests/golden, all of them (mixtures, fused and latent attention, 80 layers) in the shared folder.
#include "engine/quant/mix.h"

#include <QtTest/QtTest>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/shared_data.h"

using namespace sotto;
using Json = nlohmann::ordered_json;

namespace {

const std::filesystem::path kGolden =
    std::filesystem::path(SOTTO_GOLDEN_DIR) / "quantize" / "mixes.json";

Json readJson(const std::filesystem::path& path) {
    std::ifstream file(path);
    return Json::parse(file, nullptr, false);
}

struct GoldenModel {
    std::string architecture;
    MixFacts facts;
    std::vector<std::string> names;
    std::vector<std::vector<std::int64_t>> shapes;
    std::vector<MixTensor> tensors;
    std::set<std::string> kept;
};

void read(const Json& json, GoldenModel& model) {
    const Json& metadata = json["metadata"];
    model.architecture = json["arch"].get<std::string>();
    model.facts = {.architecture = model.architecture,
                   .nLayers = metadata["block_count"],
                   .nHeads = metadata["attention.head_count"],
                   .nKvHeads = metadata["attention.head_count_kv"],
                   .nExperts = metadata.value("expert_count", 0)};
    for (const auto& [name, shape] : json["tensors"].items()) {
        model.names.push_back(name);
        model.shapes.push_back(shape.get<std::vector<std::int64_t>>());
    }
    for (std::size_t index = 0; index < model.names.size(); ++index)
        model.tensors.push_back({model.names[index], model.shapes[index]});
    for (const Json& name : json["F32"]) model.kept.insert(name.get<std::string>());
}

// The tensors whose type is another one: "name: ours, not theirs".
std::vector<std::string> differences(const GoldenModel& model, Mix mix, bool hasImportance,
                                     const Json& golden) {
    MixFacts facts = model.facts;
    facts.hasImportance = hasImportance;
    const auto chosen = chooseTypes(mix, facts, model.tensors);
    std::vector<std::string> result;
    for (std::size_t index = 0; index < chosen.size(); ++index) {
        const std::string& name = model.names[index];
        const std::string expected =
            model.kept.contains(name)
                ? "as it is"
                : golden["other"].value(name, golden["default"].get<std::string>());
        const std::string actual =
            chosen[index].type ? std::string(dtypeTraits(*chosen[index].type).name) : "as it is";
        if (actual != expected) result.push_back(name + ": " + actual + ", not " + expected);
    }
    return result;
}

void compareAll(const std::filesystem::path& path, std::size_t nModels) {
    const Json golden = readJson(path);
    QVERIFY2(golden.is_object(), path.c_str());
    QCOMPARE(golden["models"].size(), nModels);
    for (const auto& [name, json] : golden["models"].items()) {
        GoldenModel model;
        read(json, model);
        for (const bool hasImportance : {false, true})
            for (const auto& [type, expected] :
                 json[hasImportance ? "imatrix" : "ftypes"].items()) {
                const auto mix = mixFromName(type);
                QVERIFY2(mix.has_value(), type.c_str());
                const auto wrong = differences(model, *mix, hasImportance, expected);
                QVERIFY2(wrong.empty(),
                         qPrintable(QString::fromStdString(
                             name + ", " + type +
                             (hasImportance ? " with an importance matrix: " : ": ") +
                             std::to_string(wrong.size()) + " differ, first " +
                             (wrong.empty() ? "" : wrong.front()))));
            }
    }
}

}  // namespace

class MixTest : public QObject {
    Q_OBJECT

private slots:
    void mixes_areThoseOfTheField() { compareAll(kGolden, 3); }

    void mixes_areThoseOfTheFieldInAllItsModels() {
        SOTTO_NEEDS_SHARED("golden2/mixes.json");
        compareAll(test::sharedFolder() / "golden2" / "mixes.json", 12);
    }

    // Counters run by layer and name, not in the order of the file.
    void orderOfTensors_doesNotMatter() {
        GoldenModel model;
        const Json golden = readJson(kGolden);
        read(golden["models"]["dense-16-tied"], model);
        const auto straight = chooseTypes(Mix::Q4_K_M, model.facts, model.tensors);
        std::vector<MixTensor> reversed(model.tensors.rbegin(), model.tensors.rend());
        const auto back = chooseTypes(Mix::Q4_K_M, model.facts, reversed);
        for (std::size_t index = 0; index < straight.size(); ++index)
            QVERIFY(straight[index].type == back[straight.size() - 1 - index].type);
    }

    void width_thatDoesNotDivideIsTold() {
        const std::vector<std::int64_t> shape{320, 64};
        const MixTensor tensor{"blk.0.attn_q.weight", shape};
        const auto chosen = chooseTypes(Mix::Q4_K_M, {.nLayers = 1}, {&tensor, 1});
        QVERIFY(chosen.front().type == DType::Q5_0);
        QVERIFY(chosen.front().refused == DType::Q4_K);
        QVERIFY(fittingType(DType::Q6_K, 80) == DType::F16);
        QVERIFY(fittingType(DType::Q4_K, 256) == DType::Q4_K);
    }

    void smallTensors_stayAsTheyAre_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("isKept");
        QTest::newRow("norm") << "blk.0.attn_norm.weight" << true;
        QTest::newRow("router") << "blk.0.ffn_gate_inp.weight" << true;
        QTest::newRow("convolution") << "blk.0.ssm_conv1d.weight" << true;
        QTest::newRow("bias") << "blk.0.attn_q.bias" << true;
        QTest::newRow("gate") << "blk.0.ffn_gate.weight" << false;
        QTest::newRow("rwkv's value") << "blk.0.time_mix_value.weight" << false;
    }
    void smallTensors_stayAsTheyAre() {
        QFETCH(const QString, name);
        QFETCH(const bool, isKept);
        const std::string text = name.toStdString();
        const std::vector<std::int64_t> matrix{256, 256};
        QCOMPARE(isKeptAsItIs({text, matrix}), isKept);
        const std::vector<std::int64_t> vector{256, 1};
        QVERIFY(isKeptAsItIs({text, vector}));
    }

    void importance_isRequiredBelowThreeBits() {
        QVERIFY(isImportanceRequired(Mix::IQ2_XS, "blk.0.ffn_up.weight", DType::IQ2_XS));
        QVERIFY(isImportanceRequired(Mix::IQ3_XXS, "blk.0.ffn_up.weight", DType::IQ3_XXS));
        QVERIFY(isImportanceRequired(Mix::Q2_K_S, "blk.0.ffn_up.weight", DType::Q2_K));
        QVERIFY(!isImportanceRequired(Mix::Q2_K, "blk.0.ffn_up.weight", DType::Q2_K));
        QVERIFY(!isImportanceRequired(Mix::IQ2_XS, "token_embd.weight", DType::IQ2_XS));
    }

    void names_areThoseOfTheField() {
        QVERIFY(mixFromName("q4_k_m") == Mix::Q4_K_M);
        QVERIFY(mixFromName("Q4_K") == Mix::Q4_K_M);
        QVERIFY(!mixFromName("Q4_K_XL"));
        std::set<std::uint32_t> numbers;
        for (const MixTraits& traits : allMixes()) {
            QVERIFY(mixFromName(traits.name) == traits.mix);
            QVERIFY(numbers.insert(traits.fileType).second);
        }
    }

    void keepRules_matchPartsAndPatterns_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<bool>("isMatching");
        QTest::newRow("part") << "attn_v" << true;
        QTest::newRow("other part") << "attn_q" << false;
        QTest::newRow("star") << "blk.*.attn_v.weight" << true;
        QTest::newRow("star is anchored") << "*.attn_v" << false;
        QTest::newRow("question mark") << "blk.1?.attn_v.*" << true;
        QTest::newRow("one character too many") << "blk.1??.attn_v.*" << false;
        QTest::newRow("stars alone") << "**" << true;
    }
    void keepRules_matchPartsAndPatterns() {
        QFETCH(const QString, pattern);
        QFETCH(const bool, isMatching);
        const auto rule = parseKeepRule(pattern.toStdString() + "=Q8_0");
        QVERIFY(rule.has_value());
        QVERIFY(rule->type == DType::Q8_0);
        QCOMPARE(rule->isMatching("blk.12.attn_v.weight"), isMatching);
    }

    void keepRules_refuseWhatIsNone() {
        for (const char* const text : {"", "attn_v", "=Q8_0", "attn_v=", "attn_v=Q8"}) {
            const auto rule = parseKeepRule(text);
            QVERIFY2(!rule, text);
            QVERIFY(rule.error().code == ErrorCode::InvalidArgument);
        }
    }
};

QTEST_APPLESS_MAIN(MixTest)
#include "mix_test.moc"
