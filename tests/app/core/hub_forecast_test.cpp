// A model on a hub is planned from its own header, and of a hostile one no more is read than must
// be.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "app/core/hub/hub_forecast.h"
#include "net/api/hub_client.h"
#include "tests/net/net_fixture.h"
#include "tests/support/hub/hub_repository.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

constexpr std::uint64_t kMega = 1'000'000;
constexpr std::uint64_t kMiB = 1 << 20;

ForecastSetting processorOnly() {
    ForecastSetting setting;
    setting.load.contextTokens = 128;
    setting.nThreads = 2;
    setting.devices.processor.id = "cpu";
    setting.devices.processor.name = "Some processor";
    setting.devices.processor.memoryTotal = 1000 * kMega;
    setting.devices.processor.memoryAvailable = 600 * kMega;
    return setting;
}

// Header and as many zeros as the tensors take, whatever they hold is never asked for.
std::string contentOf(const GgufWriter& writer, std::size_t nTensorBytes) {
    const std::vector<std::byte> header = writer.headerBytes().value_or(std::vector<std::byte>());
    return std::string(reinterpret_cast<const char*>(header.data()), header.size()) +
           std::string(nTensorBytes, '\0');
}

std::string tinyContent(const TinyModel& model = {}) {
    const auto bytes = tinyModelBytes(model).value_or(std::vector<std::byte>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The parts of a model of as many layers, as other programs split it: all keys and the first layer
// in the first part, one more layer in each of the others.
std::vector<std::string> splitContents(std::uint32_t nParts) {
    const GgufWriter whole = describeTinyModel({.nLayers = nParts});
    GgufWriter first = describeTinyModel({.nLayers = 1});
    first.addValue("llama.block_count", nParts);
    first.addValue("split.no", std::uint16_t{0});
    first.addValue("split.count", static_cast<std::uint16_t>(nParts));
    first.addValue("split.tensors.count", static_cast<std::int32_t>(whole.tensors().size()));
    std::vector<std::string> contents{contentOf(first, kMega)};
    for (std::uint32_t part = 1; part < nParts; ++part) {
        GgufWriter writer;
        writer.addValue("split.no", static_cast<std::uint16_t>(part));
        writer.addValue("split.count", static_cast<std::uint16_t>(nParts));
        for (const GgufTensorPlan& tensor : whole.tensors())
            if (tensor.name.starts_with("blk." + std::to_string(part) + "."))
                writer.addTensor(tensor);
        contents.push_back(contentOf(writer, kMega));
    }
    return contents;
}

}  // namespace

class HubForecastTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void aModel_isPlannedAsTheFile();
    void itsMemory_standsBesideWhatThereIs();
    void whatDoesNotFit_saysHowMuchIsMissing();
    void speed_isKnownOnlyFromRates();
    void remembered_areTheRatesOfTheseDevices();
    void aLongHeader_isReadInPieces();
    void aSplitModel_isReadInAllParts();
    void parts_areReadAtOneCommit();
    void anotherContext_needsNoNetwork();
    void hostileFiles_areNamed_data();
    void hostileFiles_areNamed();
    void manyParts_shareOneLimit();
    void aHubThatSendsLess_isNamed();
    void stopped_isCancelled();

private:
    std::unique_ptr<HubRepository> m_hub;
    std::unique_ptr<NetFixture> m_fixture;
    std::unique_ptr<net::HubClient> m_client;

    Result<HubEntry> entry() {
        auto files = m_client->files(m_hub->repository, "", m_fixture->never);
        if (!files) return fail(files.error());
        return chooseEntry(hubEntries(std::move(*files)), "", m_hub->repository);
    }
    Result<ModelForecast> forecast(const ForecastSetting& setting = processorOnly()) {
        SOTTO_ASSIGN(const HubEntry chosen, entry());
        return forecastEntry(*m_client, m_hub->repository, "", chosen, setting, m_fixture->never);
    }
    // Of the host that has the bytes: how much was asked for.
    std::uint64_t bytesAsked() const {
        std::uint64_t nBytes = 0;
        for (const ServedRequest& request : m_hub->bytes().requests()) {
            unsigned long long first = 0, last = 0;
            if (std::sscanf(request.header("Range").c_str(), "bytes=%llu-%llu", &first, &last) == 2)
                nBytes += last - first + 1;
        }
        return nBytes;
    }
};

void HubForecastTest::init() {
    m_client.reset();
    m_hub = std::make_unique<HubRepository>();
    m_fixture = std::make_unique<NetFixture>();
    m_client =
        std::move(*net::HubClient::create(*m_fixture->network, {.endpoint = m_hub->endpoint()}));
}

void HubForecastTest::aModel_isPlannedAsTheFile() {
    const QTemporaryDir folder;
    ForecastSetting setting = processorOnly();
    setting.load.path = folder.filePath("tiny.gguf").toStdString();
    QVERIFY(writeTinyModel({}, setting.load.path));
    m_hub->add("tiny-F32.gguf", tinyContent());
    const auto found = forecast(setting);
    VERIFY_OK(found);
    const auto plan =
        planModel(setting.load, spaceFor(setting.devices, setting.held, setting.nThreads));
    VERIFY_OK(plan);
    const ModelInfo& info = found->plan.info;
    QCOMPARE(info.memory.weights, plan->info.memory.weights);
    QCOMPARE(info.memory.kv, plan->info.memory.kv);
    QCOMPARE(info.memory.scratch, plan->info.memory.scratch);
    QCOMPARE(info.fileBytes, plan->info.fileBytes);
    QCOMPARE(info.architecture, std::string("llama"));
    QCOMPARE(info.contextTokens, std::int64_t{128});
}

void HubForecastTest::itsMemory_standsBesideWhatThereIs() {
    m_hub->add("tiny-F32.gguf", tinyContent());
    ForecastSetting setting = processorOnly();
    setting.held.processor = 100 * kMega;
    const auto found = forecast(setting);
    VERIFY_OK(found);
    QVERIFY(found->isFitting());
    QCOMPARE(found->bytesMissing(), std::uint64_t{0});
    QCOMPARE(found->processor.needed, found->plan.info.memory.total());
    QCOMPARE(found->processor.available, 700 * kMega);
    QCOMPARE(found->processor.ofOthers, 300 * kMega);
    QCOMPARE(found->processor.total, 1000 * kMega);
    QCOMPARE(found->card.total, std::uint64_t{0});
}

void HubForecastTest::whatDoesNotFit_saysHowMuchIsMissing() {
    m_hub->add("tiny-F32.gguf", tinyContent());
    ForecastSetting setting = processorOnly();
    setting.devices.processor.memoryAvailable = 1000;
    const auto found = forecast(setting);
    VERIFY_OK(found);
    QVERIFY(!found->isFitting());
    QCOMPARE(found->bytesMissing(), found->plan.shortage->needed - 1000);
}

void HubForecastTest::speed_isKnownOnlyFromRates() {
    m_hub->add("tiny-F32.gguf", tinyContent());
    ForecastSetting setting = processorOnly();
    const auto unknown = forecast(setting);
    VERIFY_OK(unknown);
    QVERIFY(!unknown->isSpeedKnown());
    QCOMPARE(unknown->speed.prefillTokensPerSecond, 0.0);
    setting.rates.processor.readGbS = 40;
    setting.rates.processor.cacheGbS = 20;
    setting.rates.processor.types = {{DType::F32, 30, 0.5}};
    setting.point = {.depth = 100, .promptTokens = 64};
    const auto known = forecast(setting);
    VERIFY_OK(known);
    const SpeedForecast expected =
        forecastSpeed(known->plan.info, setting.rates.processor, nullptr, setting.point);
    QVERIFY(known->isSpeedKnown());
    QCOMPARE(known->speed.tokensPerSecond, expected.tokensPerSecond);
    QCOMPARE(known->speed.prefillTokensPerSecond, expected.prefillTokensPerSecond);
    QCOMPARE(known->point.depth, std::int64_t{100});
}

void HubForecastTest::remembered_areTheRatesOfTheseDevices() {
    const QTemporaryDir folder;
    const RateStore store(RateStore::pathIn(folder.path().toStdString()));
    ChosenDevices devices = processorOnly().devices;
    QVERIFY(!rememberedRates(store, devices, 2).card);
    MachineRates rates;
    rates.readGbS = 40;
    QVERIFY(store.save(rateKeyOf(devices.processor, 2), rates));
    devices.card = devices.processor;
    devices.card->id = "cuda:0";
    const KnownRates known = rememberedRates(store, devices, 2);
    QCOMPARE(known.processor.readGbS, 40.0);
    QVERIFY(known.card);
    QCOMPARE(known.card->readGbS, 0.0);
    QCOMPARE(rememberedRates(store, devices, 3).processor.readGbS, 0.0);
}

void HubForecastTest::aLongHeader_isReadInPieces() {
    GgufWriter writer = describeTinyModel({});
    writer.addValue("test.words", std::vector<std::string>(300'000, "eight by"));
    const std::string content = contentOf(writer, 40 * kMega);
    const std::uint64_t nHeader = content.size() - 40 * kMega;
    m_hub->add("tiny-F32.gguf", content);
    VERIFY_OK(forecast());
    QVERIFY(nHeader > 4 * kMiB);
    QVERIFY(bytesAsked() >= nHeader);
    QVERIFY2(bytesAsked() <= 2 * nHeader, std::to_string(bytesAsked()).c_str());
    // No byte twice.
    std::string next = "bytes=0-";
    for (const ServedRequest& request : m_hub->bytes().requests()) {
        const std::string range = request.header("Range");
        QVERIFY2(range.starts_with(next), range.c_str());
        next = "bytes=" + std::to_string(std::stoull(range.substr(range.find('-') + 1)) + 1) + "-";
    }
}

void HubForecastTest::aSplitModel_isReadInAllParts() {
    const std::vector<std::string> contents = splitContents(3);
    std::uint64_t nBytes = 0;
    for (std::size_t part = 0; part < contents.size(); ++part) {
        m_hub->add("tiny-0000" + std::to_string(part + 1) + "-of-00003.gguf", contents[part]);
        nBytes += contents[part].size();
    }
    const auto found = forecast();
    VERIFY_OK(found);
    QCOMPARE(found->plan.info.fileBytes, nBytes);
    QCOMPARE(found->plan.info.nLayers, std::int64_t{3});
    QCOMPARE(found->plan.info.tensors.size(), describeTinyModel({.nLayers = 3}).tensors().size());
    // A part of another model among them.
    m_hub->add("tiny-00002-of-00003.gguf", contents[2]);
    COMPARE_ERROR(forecast(), ErrorCode::FileDamaged);
}

void HubForecastTest::parts_areReadAtOneCommit() {
    const std::vector<std::string> contents = splitContents(2);
    m_hub->add("tiny-00001-of-00002.gguf", contents[0]);
    m_hub->add("tiny-00002-of-00002.gguf", contents[1]);
    const auto chosen = entry();
    VERIFY_OK(chosen);
    const auto headers = readHeaders(*m_client, m_hub->repository, "", *chosen, m_fixture->never);
    VERIFY_OK(headers);
    QCOMPARE(headers->commit, std::string("0123456789abcdef0123456789abcdef01234567"));
    const std::string last = m_hub->hub().requests().back().path();
    QVERIFY2(last.find(headers->commit) != std::string::npos, last.c_str());
}

void HubForecastTest::anotherContext_needsNoNetwork() {
    m_hub->add("tiny-F32.gguf", tinyContent());
    const auto chosen = entry();
    VERIFY_OK(chosen);
    const auto headers = readHeaders(*m_client, m_hub->repository, "", *chosen, m_fixture->never);
    VERIFY_OK(headers);
    const std::size_t nBefore = m_hub->hub().requests().size() + m_hub->bytes().requests().size();
    ForecastSetting setting = processorOnly();
    const auto small = forecastHeaders(*headers, setting);
    setting.load.contextTokens = 256;
    const auto large = forecastHeaders(*headers, setting);
    VERIFY_OK(small);
    VERIFY_OK(large);
    QCOMPARE(large->plan.info.memory.kv, 2 * small->plan.info.memory.kv);
    QCOMPARE(m_hub->hub().requests().size() + m_hub->bytes().requests().size(), nBefore);
}

void HubForecastTest::hostileFiles_areNamed_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("error");
    QTest::addColumn<quint64>("most");  // bytes that may be asked for
    const auto row = [](const char* name, std::string content, ErrorCode error, quint64 most) {
        QTest::newRow(name) << QByteArray::fromStdString(content) << static_cast<int>(error)
                            << most;
    };
    const std::string good = tinyContent();
    row("a text", std::string(3 * kMega, 'x'), ErrorCode::FileDamaged, kMiB);
    row("empty", "", ErrorCode::FileDamaged, 0);
    std::string version = good;
    version[4] = 9;
    row("another version", version + std::string(3 * kMega, 'x'), ErrorCode::Unsupported, kMiB);
    row("cut in the header", good.substr(0, 2000), ErrorCode::FileDamaged, 2000);
    row("cut in the tensors", good.substr(0, good.size() / 2), ErrorCode::FileDamaged, kMiB);
    // "GGUF", 3, no tensor, one key of so many letters, or an array of so many elements.
    const auto number = [](std::uint64_t value) {
        return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
    };
    const std::string start = "GGUF" + number(3).substr(0, 4) + number(0) + number(1);
    row("a key of 2^60 letters", start + number(1ull << 60) + std::string(3 * kMega, 'x'),
        ErrorCode::FileDamaged, kMiB);
    const std::string array = start + number(1) + "k" + number(9).substr(0, 4);
    row("more elements than there are bytes",
        array + number(10).substr(0, 4) + number(8 * kMega) + std::string(3 * kMega, 'x'),
        ErrorCode::FileDamaged, kMiB);
    row("a text that is longer than any header",
        start + number(1) + "k" + number(8).substr(0, 4) + number(42 * kMiB) +
            std::string(43 * kMiB, 'x'),
        ErrorCode::FileDamaged, kMiB);
}

void HubForecastTest::hostileFiles_areNamed() {
    QFETCH(QByteArray, content);
    QFETCH(int, error);
    QFETCH(quint64, most);
    m_hub->add("tiny-F32.gguf", content.toStdString());
    const auto found = forecast();
    QVERIFY(!found);
    QVERIFY2(found.error().code == static_cast<ErrorCode>(error), found.error().message.c_str());
    QVERIFY(found.error().message.find("tiny-F32.gguf") != std::string::npos);
    QVERIFY2(bytesAsked() <= most, std::to_string(bytesAsked()).c_str());
}

// Each part claims a header of 15 MiB: two of them fit into the limit, the third would not.
void HubForecastTest::manyParts_shareOneLimit() {
    const auto number = [](std::uint64_t value) {
        return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
    };
    const std::uint64_t nText = 15 * kMiB;
    const std::string part = "GGUF" + number(3).substr(0, 4) + number(0) + number(1) + number(1) +
                             "k" + number(8).substr(0, 4) + number(nText) +
                             std::string(nText + kMiB, 'x');
    for (int index = 1; index <= 4; ++index)
        m_hub->add("tiny-0000" + std::to_string(index) + "-of-00004.gguf", part);
    COMPARE_ERROR(forecast(), ErrorCode::FileDamaged);
    QVERIFY2(bytesAsked() <= 40 * kMiB, std::to_string(bytesAsked()).c_str());
}

void HubForecastTest::aHubThatSendsLess_isNamed() {
    const std::string content = tinyContent();
    m_hub->add("tiny-F32.gguf", content);
    m_hub->bendBytes([&](const ServedRequest&) -> std::optional<Reply> {
        Reply reply{.status = 206, .body = content.substr(0, 500)};
        return reply.with("Content-Range", "bytes 0-499/" + std::to_string(content.size()));
    });
    COMPARE_ERROR(forecast(), ErrorCode::HubFailed);
}

void HubForecastTest::stopped_isCancelled() {
    m_hub->add("tiny-F32.gguf", tinyContent());
    const auto chosen = entry();
    VERIFY_OK(chosen);
    std::stop_source source;
    source.request_stop();
    COMPARE_ERROR(readHeaders(*m_client, m_hub->repository, "", *chosen, source.get_token()),
                  ErrorCode::Cancelled);
}

QTEST_GUILESS_MAIN(HubForecastTest)
#include "hub_forecast_test.moc"
