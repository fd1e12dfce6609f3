// What is offered at the first start: of a list of names those that fit, by the hub's own answers.
#include <QtTest>
#include <algorithm>

#include "app/core/hub/first_models.h"
#include "engine/model/architectures/architecture.h"
#include "engine/quant/mix.h"
#include "tests/net/net_fixture.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

constexpr std::uint64_t kMega = 1'000'000;

std::string modelOf(std::uint32_t nLayers) {
    const auto bytes = tinyModelBytes({.nLayers = nLayers}).value_or(std::vector<std::byte>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ForecastSetting with(std::uint64_t nBytes) {
    ForecastSetting setting;
    setting.load.contextTokens = 128;
    setting.nThreads = 2;
    setting.devices.processor.id = "cpu";
    setting.devices.processor.memoryTotal = 1000 * kMega;
    setting.devices.processor.memoryAvailable = nBytes;
    return setting;
}

}  // namespace

class FirstModelsTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void theList_isOfModelsThatRun();
    void lists_thatAreNone_areRefused_data();
    void lists_thatAreNone_areRefused();
    void theLargestThatFit_areOffered();
    void whatIsTooLarge_isNotReadAtAll();
    void whatIsNotThere_isLeftOut();
    void whatConcernsAll_isAnError();

private:
    std::unique_ptr<HubRepository> m_hub;
    std::unique_ptr<NetFixture> m_fixture;
    std::unique_ptr<net::HubClient> m_client;
    std::vector<FirstModel> m_models;  // of the hub, smallest first
};

void FirstModelsTest::init() {
    m_client.reset();
    m_hub = std::make_unique<HubRepository>();
    m_fixture = std::make_unique<NetFixture>();
    m_client =
        std::move(*net::HubClient::create(*m_fixture->network, {.endpoint = m_hub->endpoint()}));
    m_models.clear();
    for (const std::uint32_t nLayers : {1u, 2u, 3u, 4u}) {
        const std::string file = "tiny-" + std::to_string(nLayers) + ".gguf";
        m_hub->add(file, modelOf(nLayers));
        m_models.push_back({m_hub->repository, file, "llama"});
    }
}

// A repository that is renamed is not offered; one of an architecture that does not run would be a
// download for nothing.
void FirstModelsTest::theList_isOfModelsThatRun() {
    const auto models = parseFirstModels(contentOf(SOTTO_SOURCE_DIR "/resources/models.json"));
    VERIFY_OK(models);
    QVERIFY(models->size() >= kFirstOffers);
    for (const FirstModel& model : *models) {
        const auto known = builtinArchitectures();
        QVERIFY2(std::any_of(known.begin(), known.end(),
                             [&](const Architecture& architecture) {
                                 return architecture.name == model.architecture;
                             }),
                 model.architecture.c_str());
        const std::string type = typeOfName(model.file);
        QVERIFY2(dtypeFromName(type) || mixFromName(type), model.file.c_str());
        QCOMPARE(std::count(model.repository.begin(), model.repository.end(), '/'), 1);
    }
}

void FirstModelsTest::lists_thatAreNone_areRefused_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("another format") << QByteArray(R"({"format": 2, "models": []})");
    QTest::newRow("no list") << QByteArray(R"({"format": 1, "models": 3})");
    QTest::newRow("no object") << QByteArray(R"({"format": 1, "models": [3]})");
    QTest::newRow("no file") << QByteArray(R"({"format": 1, "models": [{"repository": "a/b"}]})");
}

void FirstModelsTest::lists_thatAreNone_areRefused() {
    QFETCH(QByteArray, text);
    COMPARE_ERROR(parseFirstModels(text.toStdString()), ErrorCode::InvalidArgument);
}

void FirstModelsTest::theLargestThatFit_areOffered() {
    const auto offers = offerFirstModels(*m_client, m_models, with(500 * kMega), m_fixture->never);
    VERIFY_OK(offers);
    QCOMPARE(offers->size(), kFirstOffers);
    for (std::size_t index = 0; index < offers->size(); ++index) {
        const FirstOffer& offer = (*offers)[index];
        QCOMPARE(offer.model.file, m_models[index + 1].file);
        QCOMPARE(offer.forecast.plan.info.nLayers, static_cast<std::int64_t>(index + 2));
        QVERIFY(offer.forecast.isFitting());
        QCOMPARE(offer.license, std::string("apache-2.0"));
        QCOMPARE(offer.entry.parts.at(0).sha256, sha256Of(modelOf(std::uint32_t(index + 2))));
        QVERIFY(!offer.commit.empty());
    }
}

void FirstModelsTest::whatIsTooLarge_isNotReadAtAll() {
    // Room for the weights of none of them.
    const auto none = offerFirstModels(*m_client, m_models, with(1000), m_fixture->never);
    VERIFY_OK(none);
    QVERIFY(none->empty());
    QVERIFY(m_hub->bytes().requests().empty());
    // Of what would be read but does not fit with its cache nothing is offered either.
    const auto tight =
        offerFirstModels(*m_client, m_models, with(modelOf(1).size() + 1), m_fixture->never);
    VERIFY_OK(tight);
    QVERIFY(tight->empty());
    QVERIFY(!m_hub->bytes().requests().empty());
}

void FirstModelsTest::whatIsNotThere_isLeftOut() {
    m_models.push_back({"acme/gone", "x.gguf", "llama"});
    m_models.push_back({m_hub->repository, "renamed.gguf", "llama"});
    m_hub->add("broken.gguf", std::string(400'000, 'x'));
    m_models.push_back({m_hub->repository, "broken.gguf", "llama"});
    const auto offers = offerFirstModels(*m_client, m_models, with(500 * kMega), m_fixture->never);
    VERIFY_OK(offers);
    QCOMPARE(offers->size(), kFirstOffers);
    QCOMPARE(offers->back().model.file, m_models[3].file);
}

void FirstModelsTest::whatConcernsAll_isAnError() {
    m_fixture->network->setOffline(true);
    COMPARE_ERROR(offerFirstModels(*m_client, m_models, with(500 * kMega), m_fixture->never),
                  ErrorCode::Offline);
}

QTEST_GUILESS_MAIN(FirstModelsTest)
#include "first_models_test.moc"
