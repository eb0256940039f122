// One line of the table: the name without its "../../", the bytes, how many. sizeof embeds nothing a second time.
  { &FILE[6], (const unsigned char[]) {
#embed FILE
    }, sizeof (const unsigned char[]) {
#embed FILE
    } },
#undef FILE
