#include "storage/settings_store.h"

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

class SettingsStoreTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void setSetting_keepsJsonAsItIs() {
        QVERIFY(!m_library->settings().value("appearance.theme")->has_value());
        for (const char* json :
             {R"("dark")", "12", "-0.5", "true", "null", "[1,2]", R"({"a":{"b":"汉"}})", R"("")"}) {
            VERIFY_OK(m_library->settings().set("appearance.theme", json));
            QCOMPARE(**m_library->settings().value("appearance.theme"), std::string(json));
        }
        VERIFY_OK(m_library->settings().set("engine.threads", "4"));
        const auto all = m_library->settings().all();
        QCOMPARE(all->size(), std::size_t{2});
        QCOMPARE(all->at("engine.threads"), std::string("4"));
    }

    void setSetting_refusesWhatIsNotJson() {
        VERIFY_OK(m_library->settings().set("key", "1"));
        for (const char* text : {"", "dark", "{", "{'a':1}", "[1,]", "\"open"}) {
            VERIFY_FAILS(m_library->settings().set("key", text), ErrorCode::InvalidArgument);
        }
        VERIFY_FAILS(m_library->settings().set("", "1"), ErrorCode::InvalidArgument);
        QCOMPARE(**m_library->settings().value("key"), std::string("1"));
    }

    void removeSetting_forgetsAndForgives() {
        VERIFY_OK(m_library->settings().set("key", "1"));
        VERIFY_OK(m_library->settings().remove("key"));
        VERIFY_OK(m_library->settings().remove("key"));
        QVERIFY(!m_library->settings().value("key")->has_value());
    }

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(SettingsStoreTest)
#include "settings_store_test.moc"
