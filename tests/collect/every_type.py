"""A questionnaire with every type of question on one page, a question alone, and a repeat; in two languages."""

EVERY_TYPE = """
| survey   |                       |           |                    |                  |             |          |                       |
|          | type                  | name      | label::vi          | label::en        | appearance  | required | parameters            |
|          | begin_group           | all       | Mọi loại câu hỏi   | All types        |             |          |                       |
|          | note                  | hello     | **Chào** ông/bà    | **Welcome**      |             |          |                       |
|          | integer               | staff     | Số người làm       | Staff            |             | yes      |                       |
|          | decimal               | area      | Diện tích          | Area             |             |          |                       |
|          | text                  | remark    | Ý kiến             | Remark           |             |          |                       |
|          | text                  | story     | Kể thêm            | More             | multiline   |          |                       |
|          | date                  | born      | Ngày sinh          | Born             |             |          |                       |
|          | time                  | opens     | Giờ mở cửa         | Opens at         |             |          |                       |
|          | dateTime              | met       | Gặp lúc            | Met at           |             |          |                       |
|          | select_one fruit      | best      | Trái thích nhất    | Best fruit       |             | yes      |                       |
|          | select_one fruit      | worst     | Trái ít thích      | Worst fruit      | minimal     |          |                       |
|          | select_multiple fruit | grown     | Trái có trồng      | Fruit grown      |             |          |                       |
|          | rank fruit            | order     | Thứ tự             | Order            |             |          |                       |
|          | range                 | liking    | Hài lòng           | Liking           |             |          | start=1 end=5 step=1  |
|          | range                 | share     | Phần trăm          | Share            |             |          | start=0 end=100 step=1 |
|          | geopoint              | place     | Vị trí             | Place            |             |          |                       |
|          | image                 | photo     | Ảnh                | Photo            |             |          |                       |
|          | barcode               | code      | Mã vạch            | Barcode          |             |          |                       |
|          | acknowledge           | agreed    | Tôi đã đọc         | I have read this |             |          |                       |
|          | end_group             |           |                    |                  |             |          |                       |
|          | integer               | alone     | Câu hỏi một mình?  | A lone question? |             |          |                       |
|          | begin_repeat          | member    | Người trong hộ     | Member           |             |          |                       |
|          | text                  | name      | Tên                | Name             |             | yes      |                       |
|          | end_repeat            |           |                    |                  |             |          |                       |
| choices  |                       |           |                    |                  |             |          |                       |
|          | list_name             | name      | label::vi          | label::en        |             |          |                       |
|          | fruit                 | sr        | Sầu riêng          | Durian           |             |          |                       |
|          | fruit                 | bo        | Bưởi               | Pomelo           |             |          |                       |
|          | fruit                 | du        | Dừa                | Coconut          |             |          |                       |
| settings |                       |           |                    |                  |             |          |                       |
|          | form_title            | form_id   | version            | default_language |             |          |                       |
|          | Mọi loại              | types     | 1                  | vi               |             |          |                       |
"""
