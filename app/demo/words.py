"""What invented people write in free text, in their own languages. Never translated."""

from __future__ import annotations

SUCCESS: dict[str, tuple[str, ...]] = {
    "en": (
        "Our ministries report on the same recommendation in the same form, twice a year.",
        "Parliament receives one clear table of what has been done before each session.",
        "A new colleague can find her way through our files in a morning.",
        "We have a written procedure that survives the next change of government.",
    ),
    "fr": (
        "Chaque ministère sait quelle recommandation il suit et à quelle date il rend compte.",
        "Nous remettons le prochain rapport dans les délais, sans travailler la nuit.",
        "La société civile voit ce que nous avons fait de ses observations.",
        "Une procédure écrite, que nos successeurs pourront reprendre.",
    ),
    "es": (
        "Cada ministerio sabe qué recomendaciones le corresponden y cuándo debe informar.",
        "El próximo informe se entrega a tiempo y con datos que todos reconocen.",
        "Las regiones participan en el seguimiento y no solo la capital.",
        "Un procedimiento escrito que siga en pie cuando cambie el equipo.",
    ),
    "pt": (
        "Cada ministério sabe que recomendações acompanha e quando presta contas.",
        "O próximo relatório é entregue a tempo, com dados em que todos confiam.",
        "Um procedimento escrito que os nossos sucessores possam continuar.",
    ),
    "ar": (
        "تعرف كل وزارة التوصيات التي تتابعها والموعد الذي تقدم فيه تقريرها.",
        "نقدم التقرير المقبل في موعده وببيانات يثق بها الجميع.",
        "إجراء مكتوب يستطيع من يأتي بعدنا أن يواصل العمل به.",
    ),
    "ru": (
        "Каждое министерство знает, за какие рекомендации оно отвечает и когда отчитывается.",
        "Следующий доклад сдан в срок и опирается на данные, которым все доверяют.",
        "Письменный порядок работы, которым смогут пользоваться наши преемники.",
    ),
    "zh": (
        "各部委都清楚自己负责哪些建议、何时报告进展。",
        "下一份报告按时提交，数据得到各方认可。",
    ),
}

NOTES: dict[str, tuple[str, ...]] = {
    "en": (
        "Two of our officials built our tracking sheet and like to show how it grew.",
        "We prefer short calls every second week to long meetings.",
        "We can share templates, and also the versions that did not work.",
    ),
    "fr": (
        "Deux collègues peuvent se libérer le mardi et le jeudi matin.",
        "Nous partageons volontiers nos modèles, et aussi nos erreurs.",
    ),
    "es": (
        "Preferimos reuniones breves cada dos semanas.",
        "Podemos compartir nuestras plantillas y también lo que no funcionó.",
    ),
    "pt": ("Partilhamos os nossos modelos e também o que não funcionou à primeira.",),
    "ar": ("يسرنا أن نشارك نماذجنا وما تعلمناه من أخطائنا.",),
    "ru": ("Готовы делиться шаблонами и рассказывать о том, что получилось не сразу.",),
    "zh": ("我们愿意分享模板，也愿意分享走过的弯路。",),
}
