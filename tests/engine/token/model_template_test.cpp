// Which chats hold a system message, told from the variables that a template is rendered with.
#include <QtTest>

#include "engine/api/chat_template.h"

using namespace sotto;

class ModelTemplateTest : public QObject {
    Q_OBJECT

private slots:
    void systemMessage_isFoundInTheVariables_data() {
        QTest::addColumn<QByteArray>("variables");
        QTest::addColumn<bool>("hasSystem");
        const auto add = [](const char* name, const char* variables, bool hasSystem) {
            QTest::newRow(name) << QByteArray(variables) << hasSystem;
        };
        add("first", R"({"messages": [{"role": "system", "content": "x"}]})", true);
        add("behind", R"({"messages": [{"role": "user"}, {"role": "system"}]})", true);
        add("none", R"({"messages": [{"role": "user", "content": "system"}]})", false);
        add("another role", R"({"messages": [{"role": "System"}, {"role": 1}, {}]})", false);
        add("no objects", R"({"messages": ["system", null, 1]})", false);
        add("no list", R"({"messages": {"role": "system"}})", false);
        add("no messages", R"({"role": "system"})", false);
        add("no object", R"([{"role": "system"}])", false);
        add("no JSON", R"({"messages": [{"role": "system"})", false);
    }
    void systemMessage_isFoundInTheVariables() {
        QFETCH(QByteArray, variables);
        QTEST(hasSystemMessage(variables.toStdString()), "hasSystem");
    }
};

QTEST_APPLESS_MAIN(ModelTemplateTest)
#include "model_template_test.moc"
